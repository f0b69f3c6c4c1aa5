package inbound

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"strings"

	"github.com/handoff-oss/handoff/shared/fault"
)

// Media types of forms.
const (
	typeForm      = "application/x-www-form-urlencoded"
	typeMultipart = "multipart/form-data"
)

// Limits of one form.
const (
	maxPairs     = 200      // fields of one form
	maxPairBytes = 64 << 10 // bytes of one field; the value is cut to less
)

// mediaType returns the media type of the body without its parameters, and
// the boundary of multipart/form-data.
func mediaType(r Request) (name, boundary string) {
	given := r.Headers["content-type"]
	name, parameters, err := mime.ParseMediaType(given)
	if err != nil { // a strange parameter does not make another type
		name, _, _ = strings.Cut(strings.ToLower(given), ";")
	}
	return strings.TrimSpace(name), parameters["boundary"]
}

// formFields reads the fields of a form in the order sent, in either of the
// two ways that browsers send one. A body without a type is taken as the first.
// No field may be longer than limit.
func formFields(r Request, limit int) ([]pair, error) {
	var fields []pair
	switch name, boundary := mediaType(r); name {
	case "", typeForm:
		if bytes.Count(r.Body, []byte("&")) >= maxPairs {
			return nil, fault.New(fault.Invalid, "the form has more than 200 fields")
		}
		fields = decodeForm(string(r.Body))
	case typeMultipart:
		var err error
		if fields, err = decodeMultipart(r.Body, boundary); err != nil {
			return nil, err
		}
	default:
		return nil, fault.New(fault.Invalid, "the form must be sent as "+typeForm+" or "+typeMultipart)
	}
	for _, f := range fields {
		if len(f.name)+len(f.value) > limit {
			return nil, fault.New(fault.Invalid, "a field of the form is longer than %d KB", limit>>10)
		}
	}
	return fields, nil
}

// decodeMultipart reads multipart/form-data (RFC 7578) as browsers and PHP
// write it. Of a file its name is taken, as browsers do in the other encoding.
func decodeMultipart(body []byte, boundary string) ([]pair, error) {
	if boundary == "" {
		return nil, fault.New(fault.Invalid, "the content type has no boundary")
	}
	if !bytes.Contains(body, []byte("--"+boundary+"--")) {
		return nil, fault.New(fault.Invalid, "the form has no end: it is cut off, or its boundary is another")
	}
	// Names are escaped as the HTML Standard says, and in no other way.
	unquote := strings.NewReplacer("%22", `"`, "%0D", "\r", "%0A", "\n")
	var out []pair
	for parts := multipart.NewReader(bytes.NewReader(body), boundary); ; {
		part, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, fault.New(fault.Invalid, "the body is not multipart/form-data")
		}
		if len(out) == maxPairs {
			return nil, fault.New(fault.Invalid, "the form has more than 200 fields")
		}
		value, err := io.ReadAll(part)
		if err != nil {
			return nil, fault.New(fault.Invalid, "a part of the form is cut off")
		}
		text := toUTF8(string(value))
		if file, isFile := fileName(part.Header.Get("Content-Disposition")); isFile {
			text = file
		}
		out = append(out, pair{toUTF8(unquote.Replace(part.FormName())), toUTF8(text)})
	}
}

// fileName returns the name of the file that a part carries. A form without a
// chosen file sends an empty name.
func fileName(disposition string) (name string, isFile bool) {
	_, parameters, err := mime.ParseMediaType(disposition)
	if err != nil {
		return "", false
	}
	name, isFile = parameters["filename"]
	return name, isFile
}

// formType returns the content type with which a form of these bytes is sent:
// multipart/form-data when they begin with a boundary.
func formType(body []byte) string {
	line, _, _ := bytes.Cut(body, []byte("\n"))
	boundary, found := strings.CutPrefix(strings.TrimRight(string(line), "\r"), "--")
	if !found || boundary == "" {
		return typeForm
	}
	if full := mime.FormatMediaType(typeMultipart, map[string]string{"boundary": boundary}); full != "" {
		return full
	}
	return typeForm
}

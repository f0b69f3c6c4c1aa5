package table

import (
	"bytes"
	"compress/flate"
	"encoding/json"
	"io"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/handoff-oss/handoff/shared/fault"
)

const (
	// readable is how long a document may be to be stored as plain JSON. A write
	// is billed by the kilobyte, so longer ones are deflated (RFC 1951), which
	// makes leads and log items a half to a quarter as long; shorter ones would
	// gain nothing and can be read in the console as they are.
	readable = 800
	// longest bounds what is inflated: an item holds 400 KB.
	longest = 16 << 20
)

// document encodes v as the item's document.
func (t *Table) document(v any) (types.AttributeValue, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "encode document", err)
	}
	if len(b) <= readable {
		return text(string(b)), nil
	}
	short, err := t.deflate(b)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "deflate document", err)
	}
	return &types.AttributeValueMemberB{Value: short}, nil
}

// deflate uses a writer again and again: making one costs most of a megabyte.
func (t *Table) deflate(b []byte) ([]byte, error) {
	var short bytes.Buffer
	w, ok := t.writers.Get().(*flate.Writer)
	if ok {
		w.Reset(&short)
	} else {
		var err error
		if w, err = flate.NewWriter(&short, flate.DefaultCompression); err != nil {
			return nil, err
		}
	}
	defer t.writers.Put(w)
	if _, err := w.Write(b); err != nil {
		return nil, err
	}
	err := w.Close()
	return short.Bytes(), err
}

// decode reads the document of a stored item.
func decode(it item, v any) error {
	var err error
	switch doc := it[attrDoc].(type) {
	case *types.AttributeValueMemberS:
		err = json.Unmarshal([]byte(doc.Value), v)
	case *types.AttributeValueMemberB:
		err = inflate(doc.Value, v)
	default:
		err = fault.New(fault.Internal, "the item has no document")
	}
	return fault.Wrap(fault.Internal, "decode "+textOf(it, attrPK)+" "+textOf(it, attrSK), err)
}

// decodeImage reads the document of an image in a stream record. Kind: Invalid.
func decodeImage(image map[string]events.DynamoDBAttributeValue, v any) error {
	err := fault.New(fault.Invalid, "the image has no document")
	doc, ok := image[attrDoc]
	if ok && doc.DataType() == events.DataTypeString {
		err = json.Unmarshal([]byte(doc.String()), v)
	}
	if ok && doc.DataType() == events.DataTypeBinary {
		err = inflate(doc.Binary(), v)
	}
	return fault.Wrap(fault.Invalid, "decode "+imageText(image, attrPK)+" "+imageText(image, attrSK), err)
}

func inflate(short []byte, v any) error {
	b, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(short)), longest))
	if err != nil {
		return err
	}
	return json.Unmarshal(b, v)
}

func imageText(image map[string]events.DynamoDBAttributeValue, name string) string {
	if v, ok := image[name]; ok && v.DataType() == events.DataTypeString {
		return v.String()
	}
	return ""
}

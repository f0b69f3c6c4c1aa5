package main

import (
	"bytes"
	"context"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/imports"
	"github.com/handoff-oss/handoff/shared/tabular"
	"github.com/handoff-oss/handoff/shared/web"
)

// The fields of the forms.
const (
	fieldFile   = "file"
	fieldSource = "source"
	fieldAgain  = "again"
	fieldTarget = "target." // and the number of the column, from 0
	// What the script says about a file of which it sends the beginning alone.
	fieldSum   = "sum"   // SHA-256, in hex
	fieldSize  = "size"  // bytes
	fieldValid = "valid" // "1" when all of it is UTF-8
)

// upload is a file, or its beginning, with what is to be made of it.
type upload struct {
	plan  imports.Plan
	data  []byte
	whole bool           // all of the file is there
	begun *imports.State // the import of the same file that was begun, if there is one
}

// upload reads the form. An import that was begun and not finished gives its
// mapping, unless the form says one.
func (h *handler) upload(ctx context.Context, r *web.Request) (*upload, error) {
	file, ok := r.Files[fieldFile]
	if !ok || len(file.Data) == 0 {
		return nil, web.Problemf(http.StatusBadRequest, "no_file", "Choose a file that has something in it.")
	}
	u := &upload{data: file.Data}
	if err := u.open(cleanName(file.Name), r); err != nil {
		return nil, problem(err)
	}
	source := r.Form.Get(fieldSource)
	all, err := h.table.Imports(ctx)
	if err != nil {
		return nil, err
	}
	same := func(s imports.State) bool { return s.Sum == u.plan.Sum && !s.Done }
	if at := slices.IndexFunc(all, same); at >= 0 {
		u.begun = &all[at]
		if !r.Form.Has(fieldTarget + "0") {
			u.plan = u.begun.Plan
			return u, nil
		}
	}
	if source != "" {
		u.plan.Source = source
	}
	sources, err := h.sources(ctx, r)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(sources, u.plan.Source) {
		return nil, web.Problemf(http.StatusBadRequest, "no_source", "The policy has no such source. Choose one of the list.")
	}
	u.plan.Again = strings.TrimSpace(r.Form.Get(fieldAgain))
	u.plan.Targets = imports.Guess(u.plan.Header, u.plan.Source)
	for i := range u.plan.Targets {
		if name := fieldTarget + strconv.Itoa(i); r.Form.Has(name) {
			u.plan.Targets[i] = imports.Target(r.Form.Get(name))
		}
	}
	return u, nil
}

// open finds out what the file is.
func (u *upload) open(name string, r *web.Request) (err error) {
	if !r.Form.Has(fieldSum) {
		u.whole = true
		u.plan, err = imports.Open(name, bytes.NewReader(u.data))
		return err
	}
	size, err := strconv.ParseInt(r.Form.Get(fieldSize), 10, 64)
	if err != nil || size < int64(len(u.data)) {
		return fault.New(fault.Invalid, "the size of the file is not stated: load the page again")
	}
	u.whole = size == int64(len(u.data))
	var v tabular.Validity
	if _, err := v.Write(u.data); err != nil {
		return err
	}
	if v.Binary(u.data) {
		return fault.New(fault.Invalid, "this file is no text: save it from your spreadsheet as CSV, with UTF-8 if it asks")
	}
	u.plan = imports.Plan{
		File: name, Sum: r.Form.Get(fieldSum), Size: size, Source: imports.Source, Format: tabular.Sniff(u.data, r.Form.Get(fieldValid) == "1"),
	}
	return u.plan.Name(u.reader())
}

func (u *upload) reader() *tabular.Reader { return tabular.NewHead(u.data, u.plan.Format, u.whole) }

// behind returns a reader that stands behind the header.
func (u *upload) behind() (*tabular.Reader, error) {
	rows := u.reader()
	_, err := rows.Header()
	return rows, err
}

// begin stores the import as begun, or finds it as it was begun before.
func (h *handler) begin(ctx context.Context, r *web.Request, u *upload) (id string, s imports.State, err error) {
	if err := u.plan.Check(); err != nil {
		return "", s, problem(err)
	}
	if id, err = u.plan.ID(); err != nil {
		return "", s, err
	}
	rows, err := u.behind()
	if err != nil {
		return "", s, problem(err)
	}
	s = imports.Start(u.plan, rows.Place(), r.Who.Called(), r.Now)
	err = h.table.NewImport(ctx, id, s)
	if fault.KindOf(err) == fault.Conflict {
		s, err = h.table.Import(ctx, id)
	}
	return id, s, err
}

// cleanName is the name of a file without folders, for people.
func cleanName(name string) string {
	name = path.Base(strings.ReplaceAll(strings.ToValidUTF8(name, ""), `\`, "/"))
	if len(name) > 120 {
		name = strings.ToValidUTF8(name[:120], "")
	}
	return name
}

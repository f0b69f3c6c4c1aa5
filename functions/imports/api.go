package main

import (
	"context"
	"encoding/csv"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/imports"
	"github.com/handoff-oss/handoff/shared/tabular"
	"github.com/handoff-oss/handoff/shared/web"
)

// The JSON of the API. Fields may be added, none renamed.

// importView is an import as programs see it.
type importView struct {
	ID             string           `json:"id"`
	File           string           `json:"file"`
	Size           int64            `json:"size"`
	Source         string           `json:"source"`
	Encoding       string           `json:"encoding"`
	Delimiter      string           `json:"delimiter"`
	Columns        []columnView     `json:"columns"`
	By             string           `json:"by"`
	StartedAt      time.Time        `json:"started_at"`
	UpdatedAt      time.Time        `json:"updated_at"`
	Begin          tabular.Place    `json:"begin"` // where the rows begin
	At             tabular.Place    `json:"at"`    // everything before is stored or rejected
	Stored         int              `json:"stored"`
	Rejected       int              `json:"rejected"`
	Reasons        []imports.Reason `json:"reasons"`
	Done           bool             `json:"done"`
	RejectedHeader string           `json:"rejected_header"` // of a CSV file of rejected rows
}

type columnView struct {
	Name   string         `json:"name"`
	Target imports.Target `json:"target"` // "" is not imported
}

func viewOf(id string, s imports.State) importView {
	v := importView{
		ID: id, File: s.File, Size: s.Size, Source: s.Source, Encoding: string(s.Format.Encoding), Delimiter: s.Format.Delimiter, Columns: []columnView{},
		By: s.By, StartedAt: s.StartedAt, UpdatedAt: s.UpdatedAt, Begin: s.Begin, At: s.At, Stored: s.Stored, Rejected: s.Rejected, Reasons: s.Why(), Done: s.Done,
		RejectedHeader: asCSV(s.RejectedHeader()),
	}
	for i, name := range s.Header {
		v.Columns = append(v.Columns, columnView{name, s.Targets[i]})
	}
	return v
}

// asCSV writes records as CSV. A strings.Builder takes all of them.
func asCSV(records ...[]string) string {
	var b strings.Builder
	_ = csv.NewWriter(&b).WriteAll(records)
	return b.String()
}

// listAnswer is the answer of GET /api/imports.
type listAnswer struct {
	Imports []importView `json:"imports"` // the newest first
}

func (h *handler) list(ctx context.Context, _ *web.Request) (listAnswer, error) {
	out := listAnswer{Imports: []importView{}}
	all, err := h.table.Imports(ctx)
	if err != nil {
		return out, err
	}
	for _, s := range all {
		id, err := s.ID()
		if err != nil {
			return out, err
		}
		out.Imports = append(out.Imports, viewOf(id, s))
	}
	return out, nil
}

func (h *handler) one(ctx context.Context, r *web.Request) (importView, error) {
	s, err := h.known(ctx, r)
	return viewOf(r.Params["id"], s), err
}

// start answers POST /api/imports, a form with the beginning of the file, what is
// said about all of it, and the mapping. An import that was begun is returned
// as it is.
func (h *handler) start(ctx context.Context, r *web.Request) (importView, error) {
	u, err := h.upload(ctx, r)
	if err != nil {
		return importView{}, err
	}
	id, s, err := h.begin(ctx, r, u)
	return viewOf(id, s), err
}

// rowsAnswer is the answer of POST /api/imports/{id}/rows.
type rowsAnswer struct {
	Next     tabular.Place `json:"next"`     // from where to send the next part
	Rejected string        `json:"rejected"` // the rejected rows of this part, as CSV without a header
	Import   importView    `json:"import"`
}

// rows answers POST /api/imports/{id}/rows?offset=&row=&line=&skip=&last=: a part of
// the file that begins at the place where the part before ended. Parts that were
// sent before may be sent again, from the beginning too: they store nothing,
// and give their rejected rows.
func (h *handler) rows(ctx context.Context, r *web.Request) (rowsAnswer, error) {
	s, err := h.known(ctx, r)
	if err != nil {
		return rowsAnswer{}, err
	}
	at, last, err := placeOf(r)
	switch {
	case err != nil:
		return rowsAnswer{}, err
	case at.Offset > s.At.Offset:
		return rowsAnswer{}, web.Problemf(http.StatusConflict, "too_far",
			"The import has come to byte "+strconv.FormatInt(s.At.Offset, 10)+" of the file: send what follows from there, or from the beginning.")
	case at.Offset == s.At.Offset:
		at = s.At // whatever was said about rows and lines
	}
	if last && at.Offset+int64(len(r.Body)) != s.Size {
		return rowsAnswer{}, web.Problemf(http.StatusBadRequest, "another_file", "The file ends elsewhere than it did when the import began. Choose the same file, unchanged.")
	}
	part := r.Body
	if behind := s.At.Offset - at.Offset; behind > 0 && int64(len(part)) > behind {
		part, last = part[:behind], false // up to where it goes on
	}
	rows := tabular.NewPart(part, s.Format, at, last)
	var aside [][]string
	runner := h.runner(r.Params["id"], r)
	runner.Reject = func(row tabular.Row, problems []imports.Problem) error {
		aside = append(aside, s.Plan.Rejected(row, problems))
		return nil
	}
	s, err = runner.Run(ctx, s, rows, last)
	if err != nil {
		return rowsAnswer{}, problem(err)
	}
	return rowsAnswer{Next: rows.Place(), Rejected: asCSV(aside...), Import: viewOf(r.Params["id"], s)}, nil
}

// placeOf reads where a part of the file begins.
func placeOf(r *web.Request) (at tabular.Place, last bool, err error) {
	offset, wrong := strconv.ParseInt(r.Query.Get("offset"), 10, 64)
	row, also := strconv.Atoi(r.Query.Get("row"))
	line, too := strconv.Atoi(r.Query.Get("line"))
	if wrong != nil || also != nil || too != nil || offset < 0 || row < 0 || line < 0 {
		return at, false, web.Problemf(http.StatusBadRequest, "invalid", "Say where the part begins: offset, row and line, as the answer before has them under next.")
	}
	return tabular.Place{Offset: offset, Row: row, Line: line, Skip: r.Query.Get("skip") == "1"}, r.Query.Get("last") == "1", nil
}

package main

import (
	"bytes"
	"context"
	"strconv"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/imports"
	"github.com/handoff-oss/handoff/shared/page"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/web"
)

// surveyed is how many rows a preview looks at.
const surveyed = 1000

// listView is what the page /imports shows.
type listView struct {
	Token   string
	Sources []string
	Imports []listedImport
}

type listedImport struct {
	ID string
	imports.State
}

func (h *handler) listPage(ctx context.Context, r *web.Request) (web.Response, error) {
	sources, err := h.sources(ctx, r)
	if err != nil {
		return web.Response{}, err
	}
	all, err := h.table.Imports(ctx)
	if err != nil {
		return web.Response{}, err
	}
	v := listView{Token: r.Who.Token, Sources: sources}
	for _, s := range all {
		id, err := s.ID()
		if err != nil {
			return web.Response{}, err
		}
		v.Imports = append(v.Imports, listedImport{id, s})
	}
	return h.site.Show(r, "imports.html", page.Doc{Title: "Imports", Data: v, Script: script})
}

// previewView is what would be imported.
type previewView struct {
	Token  string
	Plan   imports.Plan
	Words  string // of the format
	Survey imports.Survey
	Wrong  string // why the import cannot begin as it is mapped
	Begun  *imports.State
	Done   *imports.State // the same import, when it is complete
	Own    []option       // targets of the mapping that the list does not have
	All    []option
	First  []firstRow
	Fields []imports.Target // of the first rows, in order
}

type option struct {
	Target imports.Target
	Label  string
}

// firstRow is a row as it would be stored.
type firstRow struct {
	At    string
	Cells []string
}

// previewPage shows what a file holds. It stores nothing, so that there is
// nothing to go back to.
func (h *handler) previewPage(ctx context.Context, r *web.Request) (web.Response, error) {
	u, err := h.upload(ctx, r)
	if err != nil {
		return web.Response{}, err
	}
	v := previewView{Token: r.Who.Token, Plan: u.plan, Words: u.plan.Format.Words(), Begun: u.begun}
	for _, t := range append([]imports.Target{imports.Ignored}, imports.Targets()...) {
		v.All = append(v.All, option{t, page.Sentence(t.Label())})
	}
	for i, name := range u.plan.Header {
		attr := imports.Target("attr." + attributeName(name, i))
		v.Own = append(v.Own, option{attr, page.Sentence(attr.Label())})
	}
	if v.Done, err = h.complete(ctx, u.plan); err != nil {
		return web.Response{}, err
	}
	rows, err := u.behind()
	if err != nil {
		return web.Response{}, problem(err)
	}
	if err := u.plan.Check(); err != nil {
		v.Wrong = page.Sentence(err.Error()) + "."
		v.unmapped()
	} else if v.Survey, err = imports.Look(u.plan, r.Now, rows, surveyed, u.whole); err != nil {
		return web.Response{}, problem(err)
	}
	v.first()
	return h.site.Show(r, "preview.html", page.Doc{Title: "Import " + u.plan.File, Data: v, Script: script})
}

// complete returns the state of an import that is complete already, else nil.
func (h *handler) complete(ctx context.Context, p imports.Plan) (*imports.State, error) {
	id, err := p.ID()
	if err != nil {
		return nil, err
	}
	s, err := h.table.Import(ctx, id)
	switch {
	case err == nil && s.Done:
		return &s, nil
	case err == nil || fault.KindOf(err) == fault.NotFound:
		return nil, nil //nolint:nilnil // There is none.
	}
	return nil, err
}

// unmapped lists the columns of a file that cannot be surveyed yet.
func (v *previewView) unmapped() {
	for i, name := range v.Plan.Header {
		v.Survey.Columns = append(v.Survey.Columns, imports.Column{Name: name, Target: v.Plan.Targets[i]})
	}
}

// first lays the first rows out by what is imported.
func (v *previewView) first() {
	for _, t := range v.Plan.Targets {
		if t != imports.Ignored && t != imports.OccurredAt && t != imports.OccurredDMY && t != imports.OccurredMDY {
			v.Fields = append(v.Fields, t)
		}
	}
	for _, s := range v.Survey.First {
		row := firstRow{At: s.OccurredAt.UTC().Format("2006-01-02 15:04")}
		for _, t := range v.Fields {
			row.Cells = append(row.Cells, page.Short(60, valueOf(s, t)))
		}
		v.First = append(v.First, row)
	}
}

// valueOf is what a signal says under a target.
func valueOf(s signal.Signal, t imports.Target) string {
	switch t { //nolint:exhaustive // All others are fields and attributes.
	case imports.ContactID:
		return s.Identity.ContactID
	case imports.UserID:
		return s.Identity.UserID
	case imports.AnonymousID:
		return s.Identity.AnonymousID
	case imports.FullName:
		return s.Lead[signal.FieldFirstName] + " " + s.Lead[signal.FieldLastName]
	}
	name, kind := t.Name()
	if kind == imports.Attribute {
		return s.Attributes[name]
	}
	return s.Lead[name]
}

// attributeName makes a name of the heading of a column.
func attributeName(heading string, i int) string {
	var out []byte
	for _, c := range []byte(heading) {
		switch {
		case c >= 'A' && c <= 'Z':
			out = append(out, c+'a'-'A')
		case c >= 'a' && c <= 'z' || c >= '0' && c <= '9':
			out = append(out, c)
		case len(out) > 0 && out[len(out)-1] != '_':
			out = append(out, '_')
		}
	}
	out = bytes.Trim(out[:min(len(out), 40)], "_")
	if t := imports.Target("attr." + string(out)); !t.Known() {
		return "column_" + strconv.Itoa(i+1)
	}
	return string(out)
}

// startForm imports a whole file that a page without scripts has sent.
func (h *handler) startForm(ctx context.Context, r *web.Request) (web.Response, error) {
	u, err := h.upload(ctx, r)
	if err != nil {
		return web.Response{}, err
	}
	id, s, err := h.begin(ctx, r, u)
	if err != nil {
		return web.Response{}, err
	}
	rows, err := u.behind()
	if err != nil {
		return web.Response{}, problem(err)
	}
	if u.whole {
		_, err = h.runner(id, r).Run(ctx, s, rows, true)
	}
	if err != nil {
		return web.Response{}, problem(err)
	}
	return web.See("/imports/" + id), nil
}

// importPageView is what the page of an import shows.
type importPageView struct {
	ID string
	imports.State
	Words   string
	Columns []option // what was imported, by the names of the columns
}

func (h *handler) importPage(ctx context.Context, r *web.Request) (web.Response, error) {
	s, err := h.known(ctx, r)
	if err != nil {
		return web.Response{}, err
	}
	v := importPageView{ID: r.Params["id"], State: s, Words: s.Format.Words()}
	for i, name := range s.Header {
		if t := s.Targets[i]; t != imports.Ignored {
			v.Columns = append(v.Columns, option{imports.Target(name), t.Label()})
		}
	}
	return h.site.Show(r, "import.html", page.Doc{Title: "Import of " + s.File, Data: v})
}

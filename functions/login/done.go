package main

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/page"
	"github.com/handoff-oss/handoff/shared/session"
	"github.com/handoff-oss/handoff/shared/web"
)

// keptField is one field of a form that was kept.
type keptField struct {
	Name  string
	Label string // the name in words
	Value string
	Shown string // the beginning of the value
}

// doneView is what the page after signing in shows.
type doneView struct {
	Token  string
	Action string
	Fields []keptField
}

// donePage shows the form that somebody sent after their session had ended, to
// be sent again. It acts only when they press the button.
func (h *handler) donePage(ctx context.Context, r *web.Request) (web.Response, error) {
	gone := web.Problemf(http.StatusNotFound, "form_gone", "What you wanted to send is not kept any more. Open the page where you entered it, and enter it again.")
	kept, err := h.table.Login(ctx, r.Query.Get("form"), r.Now)
	switch {
	case err != nil && fault.KindOf(err) == fault.NotFound:
		return web.Response{}, gone
	case err != nil:
		return web.Response{}, err
	}
	if mine, err := session.ParseRef(r.Who.Session); err != nil || kept.Owner == "" || kept.Owner != mine.Owner {
		return web.Response{}, gone
	}
	return h.site.Show(r, "done.html", page.Doc{Title: "Go on with what you were doing", Data: doneView{r.Who.Token, kept.Return, fieldsOf(kept.Fields)}})
}

// fieldsOf lists the fields by name.
func fieldsOf(fields map[string][]string) []keptField {
	var all []keptField
	for name, values := range fields {
		for _, v := range values {
			all = append(all, keptField{Name: name, Label: inWords(name), Value: v, Shown: beginning(v)})
		}
	}
	slices.SortStableFunc(all, func(a, b keptField) int { return strings.Compare(a.Name, b.Name) })
	return all
}

func inWords(name string) string {
	words := strings.TrimSpace(strings.Map(func(r rune) rune {
		if r == '_' || r == '-' || r == '.' {
			return ' '
		}
		return r
	}, name))
	if words == "" {
		return name
	}
	first, size := utf8.DecodeRuneInString(words)
	return strings.ToUpper(string(first)) + words[size:]
}

// maxShown is how many characters of a value are shown.
const maxShown = 300

func beginning(value string) string {
	if utf8.RuneCountInString(value) <= maxShown {
		return value
	}
	return string([]rune(value)[:maxShown]) + " …"
}

package find

import (
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/handoff-oss/handoff/shared/fault"
)

// View is a filter that somebody has given a name.
type View struct {
	ID      string    `json:"id"`
	Version int64     `json:"version"`         // grows by one with every change; 1 when it is new
	Owner   string    `json:"owner,omitempty"` // the subject of the person who alone sees it; "" for everybody
	By      string    `json:"by"`              // the subject of who saved it
	ByName  string    `json:"by_name"`         // how they are called
	Name    string    `json:"name"`
	Query   string    `json:"query"` // as Filter.Query encodes it
	At      time.Time `json:"at"`    // when it was saved or renamed last
}

// MostViews is how many views everybody together has, and each person of their
// own.
const MostViews = 50

const mostName = 60

// Called checks a name for a view and returns it as it is kept. Kind: Invalid.
func Called(name string) (string, error) {
	name = strings.Join(strings.Fields(strings.ToValidUTF8(name, "")), " ")
	if n := utf8.RuneCountInString(name); n == 0 || n > mostName {
		return "", fault.Wrap(fault.Invalid, "name a view", &Mistake{Param: "name", Detail: "Give the view a name of at most 60 characters."})
	}
	return name, nil
}

// Kept returns the query of a filter as a view keeps it: nothing but what a
// filter has. Kind: Invalid.
func Kept(query string) (string, error) {
	q, err := url.ParseQuery(query)
	if err != nil {
		return "", fault.Wrap(fault.Invalid, "read the filter", &Mistake{Param: "query", Detail: "The filter of the view cannot be read."})
	}
	f, err := Parse(q)
	return f.Query().Encode(), err
}

// Shipped are the views that everybody has from the start.
func Shipped() []View {
	return []View{
		{ID: "new", Name: "New today", Query: Filter{Days: 1}.Query().Encode()},
		{ID: "nearly", Name: "Nearly qualified", Query: Filter{List: Nearly}.Query().Encode()},
		{ID: "waiting", Name: "Waiting for somebody", Query: Filter{List: Waiting}.Query().Encode()},
		{ID: "incomplete", Name: "Waiting for data", Query: Filter{List: Incomplete}.Query().Encode()},
		{ID: "demo", Name: "Demo requests of 7 days", Query: Filter{Form: "demo", Days: 7}.Query().Encode()},
		{ID: "again", Name: "Recycled, due again", Query: Filter{List: Again}.Query().Encode()},
	}
}

package policy

import (
	"slices"
	"strings"
)

// Completeness says what has to be known of a lead at a stage. It scores nothing
// and keeps nobody from qualifying: what a lead lacks is shown, and one that has
// qualified and lacks what handed_off asks for goes to the data queue instead of
// to a rep. Left out, nothing is asked for.
type Completeness struct {
	Needs `yaml:",inline" json:",inline"`
	// Sources ask for more or less of the leads that came from them, by their first signal.
	Sources map[string]Needs `yaml:"sources" json:"sources,omitempty"`
}

// Needs are the needs of each stage.
type Needs struct {
	Known     []Need `yaml:"known" json:"known,omitempty"`
	Qualified []Need `yaml:"qualified" json:"qualified,omitempty"`
	HandedOff []Need `yaml:"handed_off" json:"handed_off,omitempty"`
}

// Need is a profile field that has to be known, or several of which one is
// enough, as "phone or email".
type Need string

const orWord = " or "

// For returns what is asked of leads that came from a source. A stage that the
// source names is as it says, and all others are as for everybody.
func (c Completeness) For(source string) Needs {
	n, own := c.Needs, c.Sources[source]
	if own.Known != nil {
		n.Known = own.Known
	}
	if own.Qualified != nil {
		n.Qualified = own.Qualified
	}
	if own.HandedOff != nil {
		n.HandedOff = own.HandedOff
	}
	return n
}

// Fields are the names of the fields, any of which is enough.
func (n Need) Fields() []string {
	var all []string
	for f := range strings.SplitSeq(string(n), orWord) {
		if f = strings.TrimSpace(f); f != "" {
			all = append(all, f)
		}
	}
	return all
}

// MetBy tells whether one of the fields is known.
func (n Need) MetBy(known func(field string) bool) bool {
	return slices.ContainsFunc(n.Fields(), known)
}

// Words names the fields in a sentence: "last name, company or phone".
func (n Need) Words() string {
	all := n.Fields()
	for i := range all {
		all[i] = strings.ReplaceAll(all[i], "_", " ")
	}
	if len(all) < 2 {
		return strings.Join(all, "")
	}
	last := len(all) - 1
	return strings.Join(all[:last], ", ") + orWord + all[last]
}

// Lacking says in a part of a sentence that needs are not met, as "the phone and
// the last name or company are not known". It is "" for none.
func Lacking(needs []Need) string {
	words := make([]string, len(needs))
	for i, n := range needs {
		words[i] = "the " + n.Words()
	}
	switch len(words) {
	case 0:
		return ""
	case 1:
		return words[0] + " is not known"
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " and " + words[last] + " are not known"
}

package outbound

import "strings"

// incomplete tells a manager that a lead lacks what sales needs, and whether that
// is over.
func (v view) incomplete(person, _ string) (subject, intro string) {
	i := v.Lead.Journey.Incomplete
	if i == nil {
		return "No longer waiting for data: " + person, "This lead waited for data that sales needs. Nothing is asked of you. " + v.whereabouts()
	}
	var words []string
	for _, n := range i.Missing {
		words = append(words, n.Words())
	}
	return "Data is missing (" + clean(strings.Join(words, "; "), mostName) + "): " + person,
		"This lead is ready for sales, but " + i.Words() + ". Please enter it on the lead’s page, or hand the lead off as it is. When the data comes by itself, the lead is handed off at once. The customer waits meanwhile."
}

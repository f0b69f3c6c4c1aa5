package inbound

import "strings"

// Some providers say only that somebody filled in a form, and where to read
// what was written. The signal of such a webhook carries the attribute
// signal.AttrFetch, which names the kind of record, and beside it the ids that
// are needed to read it from the provider's API; the record's id is the
// identity until then. The ids end up in the address of a request, so they are
// taken only in the form that the provider gives them, and nothing else in a
// payload says where to read: no address of a server is ever taken from one.

// Kinds of records to fetch.
const (
	fetchMeta     = "meta_lead"     // ids: leadgen_id, and page_id, whose token reads it
	fetchLinkedIn = "linkedin_lead" // ids: response_id, and owner, the URN of the account or organization
)

// maxRecordID is the most bytes of an id of a record.
const maxRecordID = 100

// isNumber reports whether an id is made of digits alone.
func isNumber(id string) bool {
	return id != "" && len(id) <= maxRecordID && strings.Trim(id, "0123456789") == ""
}

// isToken reports whether an id is made of letters, digits, hyphens and underscores.
func isToken(id string) bool {
	return id != "" && len(id) <= maxRecordID && strings.IndexFunc(id, func(c rune) bool { return !isWord(c) && c != '-' && c != '_' }) < 0
}

func isWord(c rune) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// isURN reports whether s is a URN of LinkedIn: urn:li:kind:id, or with a key
// of several parts in parentheses, urn:li:kind:(urn:li:kind:id,2).
func isURN(s string) bool {
	rest, ok := strings.CutPrefix(s, "urn:li:")
	return ok && len(s) <= 2*maxRecordID && strings.Count(rest, ":") > 0 &&
		strings.IndexFunc(rest, func(c rune) bool { return !isWord(c) && !strings.ContainsRune(":(),-_", c) }) < 0
}

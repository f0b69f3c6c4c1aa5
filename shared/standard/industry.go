package standard

import (
	"strings"

	"github.com/handoff-oss/handoff/shared/standard/sorted"
)

// industry reads an industry: one of a short list that follows the sections of
// NACE Rev. 2, with section J taken apart into media, telecommunications and
// software.
func industry(original string) Field {
	f := Field{From: original}
	v, ok := sorted.Find(industries, fold(original))
	f.Value, _, _ = strings.Cut(v, "\t")
	if !ok {
		f.How = "It is not among the names of industries that we know."
		return f
	}
	about, _ := sorted.Find(industries, fold(f.Value))
	_, about, _ = strings.Cut(about, "\t")
	section, name, _ := strings.Cut(about, "\t")
	f.How = "NACE Rev. 2 section " + section + ": " + name + "."
	return f
}

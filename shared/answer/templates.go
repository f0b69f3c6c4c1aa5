package answer

import (
	"embed"
	"io/fs"
)

// templates are the parts that pages of answers are made of.
//
//go:embed *.html
var templates embed.FS

// Templates are the parts that pages of answers are made of, for page.Set.Add:
// "answer-lead" shows the lead of a View, and "answer-controls" what its form
// asks for, without the form element itself.
func Templates() fs.FS { return templates }

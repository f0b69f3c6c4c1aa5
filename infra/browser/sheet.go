package main

import (
	"bytes"
	_ "embed"
	"html/template"
	"os"
	"path/filepath"
	"slices"
)

// sheetPage shows all pictures on one page.
//
//go:embed sheet.html
var sheetPage string

// sheet is the list of pictures that were taken.
type sheet struct{ names []string }

// add notes a picture.
func (s *sheet) add(name string) {
	if !slices.Contains(s.names, name) {
		s.names = append(s.names, name)
	}
}

// write leaves index.html beside the pictures, to look at all of them.
func (s *sheet) write(folder string) error {
	t, err := template.New("sheet").Parse(sheetPage)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if err := t.Execute(&out, s.names); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, "index.html"), out.Bytes(), 0o600)
}

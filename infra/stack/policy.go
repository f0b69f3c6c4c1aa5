package stack

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"

	"github.com/handoff-oss/handoff/shared/policy"
)

// Edit is one change of a text: Old, which stands in it exactly once, for New.
type Edit struct{ Old, New string }

// WritePolicy writes the default policy with some edits into dir, and returns
// the path of the file for Options.Policy. An edit whose Old is not there
// exactly once is an error: a policy that is not what it is meant to be proves
// nothing. Whether the result is valid, the stack finds out when it starts.
func WritePolicy(dir string, edits ...Edit) (file string, err error) {
	text := policy.Default()
	for _, e := range edits {
		if n := bytes.Count(text, []byte(e.Old)); n != 1 {
			return "", fmt.Errorf("%q stands %d times in the default policy", e.Old, n)
		}
		text = bytes.Replace(text, []byte(e.Old), []byte(e.New), 1)
	}
	file = filepath.Join(dir, "policy.yaml")
	return file, os.WriteFile(file, text, 0o600)
}

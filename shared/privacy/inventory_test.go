package privacy_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/handoff-oss/handoff/shared/privacy"
)

// Whoever adds a kind of item has to say what it holds of a person. What begins a
// partition or a sort key stands in capitals in keys.go, and nothing else does.
func TestEveryKindOfItemIsListed(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "../table/keys.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	begins := regexp.MustCompile(`^[A-Z][A-Z]+#?`)
	found := 0
	ast.Inspect(file, func(n ast.Node) bool {
		lit, ok := n.(*ast.BasicLit)
		if !ok || lit.Kind != token.STRING {
			return true
		}
		text, err := strconv.Unquote(lit.Value)
		if err != nil {
			t.Fatal(err)
		}
		prefix := begins.FindString(text)
		if prefix == "" {
			return true
		}
		found++
		if !listed(prefix) {
			t.Errorf("keys.go has %q, and neither privacy.Kinds nor this test knows what it holds of a person", prefix)
		}
		return true
	})
	if found < 25 {
		t.Errorf("only %d prefixes were found: is it still the same file?", found)
	}
}

// listed tells whether keys of a kind that is listed begin so, or whether it is
// the sort key of one whose partition is listed.
func listed(prefix string) bool {
	for _, k := range privacy.Kinds() {
		if strings.TrimSuffix(k.PK, "#") == strings.TrimSuffix(prefix, "#") || k.SK == prefix {
			return true
		}
	}
	switch prefix {
	case "HOUR#", "CHANGE#", "STATE#", "VERSION#", "VERDICT#", "DAY#", "GONE#", "FILE#", "SHARED",
		"CURRENT", "REVIEWED", "FIRST", "WATCH", "MARK", "NONCE", "UNIT", "POOL", "ACCOUNT", "LEAD":
		return true
	}
	return false
}

func TestKindOf(t *testing.T) {
	for _, tt := range []struct {
		pk, sk string
		want   privacy.Holding
	}{
		{"LEAD#1a", "SIG#typeform#1", privacy.Data},
		{"LEAD#1a", "LEAD", privacy.Data},
		{"SENT#1a.1.0", "email#x", privacy.Reference},
		{"POLICY", "CURRENT", privacy.Nothing},
	} {
		if k, ok := privacy.KindOf(tt.pk, tt.sk); !ok || k.What != tt.want {
			t.Errorf("%s %s: %+v", tt.pk, tt.sk, k)
		}
	}
	if _, ok := privacy.KindOf("NEW#1", "X"); ok {
		t.Error("a kind that nobody has listed is known")
	}
}

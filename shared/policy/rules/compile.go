package rules

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/builtin"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/vm"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/policy/nearest"
	"github.com/handoff-oss/handoff/shared/standard"
)

// ExpressionError says what is wrong with one expression of a policy.
type ExpressionError struct {
	Path   string // for example fit.rules[2].when
	Line   int    // in the expression, from 1
	Column int    // in that line, from 1
	Reason string
}

// Error names the place and the reason.
func (e *ExpressionError) Error() string {
	return fmt.Sprintf("%s: %s (at %d:%d of the expression)", e.Path, e.Reason, e.Line, e.Column)
}

// builder compiles expressions, collects what is wrong with them, and the
// standard fields that they name.
type builder struct {
	errs  []*ExpressionError
	named map[string]bool
}

func (b *builder) lead(path, code string) program {
	return b.compile(path, code, reflect.TypeFor[LeadEnv](), expr.Env(LeadEnv{}), expr.AsBool())
}

func (b *builder) signal(path, code string, result expr.Option) program {
	return b.compile(path, code, reflect.TypeFor[SignalEnv](), expr.Env(SignalEnv{}), result)
}

func (b *builder) route(path, code string) program {
	return b.compile(path, code, reflect.TypeFor[RouteEnv](), expr.Env(RouteEnv{}), expr.AsBool())
}

func (b *builder) segment(path, code string) program {
	return b.compile(path, code, reflect.TypeFor[SegmentEnv](), expr.Env(SegmentEnv{}), expr.AsBool())
}

func (b *builder) compile(path, code string, env reflect.Type, options ...expr.Option) program {
	if strings.TrimSpace(code) == "" {
		b.errs = append(b.errs, &ExpressionError{Path: path, Line: 1, Column: 1, Reason: "the expression is empty"})
		return program{path: path}
	}
	for _, name := range impure() {
		options = append(options, expr.DisableBuiltin(name))
	}
	options = append(options, expr.Function("has", has, new(func(string, ...string) bool)))
	compiled, err := expr.Compile(code, options...)
	if err != nil {
		b.errs = append(b.errs, expressionError(path, env, err))
		return program{path: path}
	}
	b.names(compiled.Node())
	return program{path: path, code: compiled}
}

// names collects the fields of the name standard in an expression: all of
// them when it takes the name as a whole.
func (b *builder) names(root ast.Node) {
	if b.named == nil {
		b.named = map[string]bool{}
	}
	seen := standardNames{fields: b.named}
	ast.Walk(&root, &seen)
	if seen.whole > 0 {
		for _, name := range standard.Names() {
			b.named[name] = true
		}
	}
}

type standardNames struct {
	fields map[string]bool
	whole  int // how often the name stands without a field
}

// Visit is called for every node, those within before those around them.
func (n *standardNames) Visit(node *ast.Node) {
	switch v := (*node).(type) {
	case *ast.IdentifierNode:
		if v.Value == "standard" {
			n.whole++
		}
	case *ast.MemberNode:
		of, isName := v.Node.(*ast.IdentifierNode)
		property, isText := v.Property.(*ast.StringNode)
		if isName && isText && of.Value == "standard" {
			n.fields[property.Value] = true
			n.whole--
		}
	}
}

// impure lists the functions of the language whose result depends on more
// than their arguments: the clock, or the random order of Go's maps; and the
// functions around times, which no field here has.
func impure() []string {
	return []string{"now", "date", "duration", "timezone", "keys", "values", "toPairs"}
}

// has is hasAny as the language calls it; the argument types were checked.
func has(args ...any) (any, error) {
	words := make([]string, len(args))
	for i, a := range args {
		s, ok := a.(string)
		if !ok {
			return nil, fault.New(fault.Invalid, "has: argument %d is not text", i+1)
		}
		words[i] = s
	}
	return hasAny(words[0], words[1:]...), nil
}

// expressionError turns the compiler's error into one that names no Go types
// and suggests what was probably meant.
func expressionError(path string, env reflect.Type, err error) *ExpressionError {
	e := &ExpressionError{Path: path, Line: 1, Column: 1, Reason: err.Error()}
	var at *file.Error
	if errors.As(err, &at) {
		e.Line, e.Column, e.Reason = at.Line, at.Column+1, at.Message
	}
	names := namesOf(env)
	if m := regexp.MustCompile(`^type rules\.\w+ has no field (\w+)$`).FindStringSubmatch(e.Reason); m != nil {
		e.Reason = "no field " + m[1] + nearest.Hint(m[1], names)
	}
	if m := regexp.MustCompile(`^unknown name (\w+)$`).FindStringSubmatch(e.Reason); m != nil {
		e.Reason = "unknown name " + m[1] + nearest.Hint(m[1], append(names, builtin.Names...))
		if slices.Contains(impure(), m[1]) {
			e.Reason = m[1] + " cannot be used here: an expression must give the same answer at any time"
		}
	}
	e.Reason = strings.NewReplacer(
		"expected bool, but got", "must be true or false, but is",
		"expected string, but got", "must be text, but is",
		"unexpected token EOF", "the expression ends too early",
		`unexpected token Operator("=")`, "unexpected =; write == to compare",
		"rules.LeadFields", "lead", "rules.EmailFields", "email", "rules.SignalFields", "signal", "rules.AccountFields", "account",
		"rules.FitFields", "fit", "rules.StandardFields", "standard", "rules.OriginFields", "origin", "rules.ConsentFields", "consent",
	).Replace(e.Reason)
	return e
}

// namesOf returns the names that an expression over env may use.
func namesOf(env reflect.Type) []string {
	names := []string{"has"}
	for _, f := range reflect.VisibleFields(env) {
		names = append(names, f.Tag.Get("expr"))
		if f.Type.Kind() == reflect.Struct {
			for _, g := range reflect.VisibleFields(f.Type) {
				names = append(names, g.Tag.Get("expr"))
			}
		}
	}
	return names
}

// runner runs programs for one environment after the other and collects what
// fails. The stack is kept between runs.
type runner struct {
	machine vm.VM
	errs    []error
}

// bool is false when the program fails.
func (r *runner) bool(p program, env any) bool {
	out, ok := r.run(p, env)
	yes, isBool := out.(bool)
	return ok && isBool && yes
}

// text is not ok when the program fails.
func (r *runner) text(p program, env any) (string, bool) {
	out, ok := r.run(p, env)
	s, isText := out.(string)
	if s == "" {
		s = NoItem
	}
	return s, ok && isText
}

func (r *runner) run(p program, env any) (any, bool) {
	out, err := r.machine.Run(p.code, env)
	if err == nil {
		return out, true
	}
	// The machine's own message may quote the lead's data: name the place only.
	e := &ExpressionError{Path: p.path, Line: 1, Column: 1, Reason: "failed for these data, counted as no match"}
	var at *file.Error
	if errors.As(err, &at) {
		e.Line, e.Column = at.Line, at.Column+1
	}
	r.errs = append(r.errs, e)
	return nil, false
}

func (r *runner) err() error {
	return fault.Wrap(fault.Invalid, "evaluate policy", errors.Join(r.errs...))
}

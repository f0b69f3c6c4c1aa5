package rules

import (
	"slices"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/parser"
)

// Narrower reports whether every lead for which one condition is true also
// satisfies the other, as far as their form tells: "a and b" is narrower than
// "a", "n > 500" than "n > 100", x in ["a"] than x in ["a", "b"]. False means
// that it cannot be told.
func Narrower(condition, than string) bool {
	a, errA := parser.Parse(condition)
	b, errB := parser.Parse(than)
	return errA == nil && errB == nil && implies(a.Node, b.Node)
}

// implies reports whether x true makes y true.
func implies(x, y ast.Node) bool {
	if x.String() == y.String() {
		return true
	}
	if l, r, ok := operands(x, "or", "||"); ok {
		return implies(l, y) && implies(r, y)
	}
	if l, r, ok := operands(y, "and", "&&"); ok {
		return implies(x, l) && implies(x, r)
	}
	if l, r, ok := operands(y, "or", "||"); ok && (implies(x, l) || implies(x, r)) {
		return true
	}
	if l, r, ok := operands(x, "and", "&&"); ok {
		return implies(l, y) || implies(r, y)
	}
	return comparisonImplies(x, y)
}

func operands(n ast.Node, operators ...string) (left, right ast.Node, ok bool) {
	b, ok := n.(*ast.BinaryNode)
	if !ok || !slices.Contains(operators, b.Operator) {
		return nil, nil, false
	}
	return b.Left, b.Right, true
}

// comparisonImplies knows comparisons of the same thing with constants.
func comparisonImplies(x, y ast.Node) bool {
	a, okA := x.(*ast.BinaryNode)
	b, okB := y.(*ast.BinaryNode)
	if !okA || !okB || a.Left.String() != b.Left.String() {
		return false
	}
	if lowA, highA, ok := bounds(a); ok {
		lowB, highB, ok := bounds(b)
		return ok && lowA >= lowB && highA <= highB
	}
	some, okA := texts(a)
	all, okB := texts(b)
	return okA && okB && !slices.ContainsFunc(some, func(s string) bool { return !slices.Contains(all, s) })
}

// bounds are the least and the greatest whole number for which a comparison
// with a constant is true.
func bounds(n *ast.BinaryNode) (low, high int, ok bool) {
	constant, ok := n.Right.(*ast.IntegerNode)
	if !ok {
		return 0, 0, false
	}
	const far = 1 << 52
	v := min(max(constant.Value, -far+1), far-1)
	switch n.Operator {
	case ">":
		return v + 1, far, true
	case ">=":
		return v, far, true
	case "<":
		return -far, v - 1, true
	case "<=":
		return -far, v, true
	case "==":
		return v, v, true
	}
	return 0, 0, false
}

// texts are those for which a comparison with constants is true.
func texts(n *ast.BinaryNode) ([]string, bool) {
	nodes := []ast.Node{n.Right}
	if array, ok := n.Right.(*ast.ArrayNode); ok && n.Operator == "in" {
		nodes = array.Nodes
	} else if n.Operator != "==" {
		return nil, false
	}
	var all []string
	for _, node := range nodes {
		s, ok := node.(*ast.StringNode)
		if !ok {
			return nil, false
		}
		all = append(all, s.Value)
	}
	return all, len(all) > 0
}

package cfn

import (
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/handoff-oss/handoff/shared/fault"
)

// parse reads a YAML or JSON template into maps, lists and scalars. The short
// forms of intrinsic functions become their long forms: !Ref x is {"Ref": x},
// !Sub x is {"Fn::Sub": x}.
func parse(file string, source []byte) (map[string]any, error) {
	parsed, err := parser.ParseBytes(source, 0)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, "read "+file, err)
	}
	if len(parsed.Docs) == 0 || parsed.Docs[0].Body == nil {
		return nil, fault.New(fault.Invalid, "%s is empty", file)
	}
	r := reader{file: file, anchors: map[string]any{}}
	root, err := r.value(parsed.Docs[0].Body)
	if err != nil {
		return nil, err
	}
	m, ok := root.(map[string]any)
	if !ok {
		return nil, fault.New(fault.Invalid, "%s is not a mapping", file)
	}
	return m, nil
}

type reader struct {
	file    string
	anchors map[string]any
}

func (r reader) value(n ast.Node) (any, error) {
	switch n := n.(type) {
	case nil, *ast.NullNode:
		return nil, nil
	case *ast.StringNode:
		return n.Value, nil
	case *ast.LiteralNode:
		return n.Value.Value, nil
	case *ast.IntegerNode:
		return integer(n.Value), nil
	case *ast.FloatNode:
		return n.Value, nil
	case *ast.BoolNode:
		return n.Value, nil
	case *ast.MappingNode:
		return r.mapping(n.Values)
	case *ast.MappingValueNode:
		return r.mapping([]*ast.MappingValueNode{n})
	case *ast.SequenceNode:
		return r.sequence(n)
	case *ast.TagNode:
		return r.tag(n)
	case *ast.AnchorNode:
		v, err := r.value(n.Value)
		r.anchors[n.Name.String()] = v
		return v, err
	case *ast.AliasNode:
		return r.anchors[n.Value.String()], nil
	}
	return nil, r.errorAt(n, "a %s cannot stand here", n.Type())
}

func (r reader) mapping(values []*ast.MappingValueNode) (any, error) {
	m := make(map[string]any, len(values))
	for _, pair := range values {
		key := pair.Key.GetToken().Value
		if _, twice := m[key]; twice {
			return nil, r.errorAt(pair, "%s stands here twice", key)
		}
		v, err := r.value(pair.Value)
		if err != nil {
			return nil, err
		}
		m[key] = v
	}
	return m, nil
}

func (r reader) sequence(n *ast.SequenceNode) (any, error) {
	list := make([]any, 0, len(n.Values))
	for _, item := range n.Values {
		v, err := r.value(item)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, nil
}

// tag turns a short form into the long one.
func (r reader) tag(n *ast.TagNode) (any, error) {
	v, err := r.value(n.Value)
	if err != nil {
		return nil, err
	}
	name := strings.TrimPrefix(n.Start.Value, "!")
	switch name {
	case "Ref", "Condition":
		return map[string]any{name: v}, nil
	case "GetAtt":
		if s, ok := v.(string); ok {
			id, attr, _ := strings.Cut(s, ".")
			v = []any{id, attr}
		}
	case "!str":
		return text(v), nil
	}
	return map[string]any{"Fn::" + name: v}, nil
}

func (r reader) errorAt(n ast.Node, format string, args ...any) error {
	line := 0
	if t := n.GetToken(); t != nil && t.Position != nil {
		line = t.Position.Line
	}
	return fault.Wrap(fault.Invalid, r.file+":"+text(line), fault.New(fault.Invalid, format, args...))
}

func integer(v any) any {
	switch v := v.(type) {
	case uint64:
		return int(v) //nolint:gosec // No number in a template comes near the limit.
	case int64:
		return int(v)
	}
	return v
}

package cfn

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/handoff-oss/handoff/shared/fault"
)

// noValue is what AWS::NoValue resolves to: the member is left out.
type noValue struct{}

// resolver evaluates intrinsic functions.
type resolver struct {
	parameters map[string]any
	pseudo     map[string]any
	mappings   map[string]any
	conditions map[string]any
	resources  map[string]raw
	names      names
}

// raw is a resource as it stands in the template.
type raw struct {
	Type       string
	Condition  string
	Properties map[string]any
}

// resolve returns v with every intrinsic function replaced by its value.
func (r *resolver) resolve(v any) (any, error) {
	switch v := v.(type) {
	case map[string]any:
		if name, arg, ok := intrinsic(v); ok {
			return r.call(name, arg)
		}
		return r.members(v)
	case []any:
		return r.items(v)
	}
	return v, nil
}

// intrinsic tells whether a mapping is the call of a function.
func intrinsic(v map[string]any) (name string, arg any, ok bool) {
	if len(v) != 1 {
		return "", nil, false
	}
	for name, arg := range v {
		return name, arg, name == "Ref" || strings.HasPrefix(name, "Fn::")
	}
	return "", nil, false
}

func (r *resolver) items(v []any) (any, error) {
	list := make([]any, 0, len(v))
	for _, item := range v {
		got, err := r.resolve(item)
		if err != nil {
			return nil, err
		}
		if _, none := got.(noValue); !none {
			list = append(list, got)
		}
	}
	return list, nil
}

func (r *resolver) members(v map[string]any) (any, error) {
	m := make(map[string]any, len(v))
	for key, item := range v {
		got, err := r.resolve(item)
		if err != nil {
			return nil, fault.Wrap(fault.Invalid, key, err)
		}
		if _, none := got.(noValue); !none {
			m[key] = got
		}
	}
	return m, nil
}

func (r *resolver) call(name string, arg any) (any, error) {
	switch name {
	case "Ref":
		return r.ref(text(arg))
	case "Fn::GetAtt":
		return r.getAtt(arg)
	case "Fn::Sub":
		return r.sub(arg)
	case "Fn::If":
		return r.choose(arg)
	}
	resolved, err := r.resolve(arg)
	if err != nil {
		return nil, err
	}
	list, _ := resolved.([]any)
	switch {
	case name == "Fn::Join" && len(list) == 2:
		return strings.Join(strs(list[1]), text(list[0])), nil
	case name == "Fn::Select" && len(list) == 2:
		return pick(list)
	case name == "Fn::Split" && len(list) == 2:
		var parts []any
		for _, p := range strings.Split(text(list[1]), text(list[0])) {
			parts = append(parts, p)
		}
		return parts, nil
	case name == "Fn::FindInMap" && len(list) >= 3:
		return r.find(strs(resolved))
	case name == "Fn::Equals", name == "Fn::And", name == "Fn::Or", name == "Fn::Not":
		return r.condition(map[string]any{name: arg})
	case name == "Fn::GetAZs":
		return []any{r.pseudo["AWS::Region"].(string) + "a"}, nil //nolint:errcheck // Always a string, see Load.
	}
	return nil, fault.New(fault.Invalid, "%s is not understood here", name)
}

func pick(list []any) (any, error) {
	items, _ := list[1].([]any)
	i, err := strconv.Atoi(text(list[0]))
	if err != nil || i < 0 || i >= len(items) {
		return nil, fault.New(fault.Invalid, "Fn::Select: there is no item %s", text(list[0]))
	}
	return items[i], nil
}

func (r *resolver) find(path []string) (any, error) {
	var at any = r.mappings
	for _, key := range path {
		m, ok := at.(map[string]any)
		if !ok || m[key] == nil {
			return nil, fault.New(fault.Invalid, "Fn::FindInMap: there is no %s", strings.Join(path, "."))
		}
		at = m[key]
	}
	return at, nil
}

func (r *resolver) ref(name string) (any, error) {
	if v, ok := r.pseudo[name]; ok {
		return v, nil
	}
	if v, ok := r.parameters[name]; ok {
		return v, nil
	}
	if id, ok := strings.CutSuffix(name, ".Alias"); ok && r.resources[id].Type == "AWS::Serverless::Function" {
		return r.getAtt(id + ".Arn") // SAM's name for the alias that a function is published under: here the function itself
	}
	res, ok := r.resources[name]
	if !ok {
		return nil, fault.New(fault.Invalid, "!Ref %s: there is no such parameter or resource", name)
	}
	physical, err := r.physical(name, res)
	if err != nil {
		return nil, err
	}
	return r.names.ref(res.Type, physical), nil
}

func (r *resolver) getAtt(arg any) (any, error) {
	path := strs(arg)
	if s, ok := arg.(string); ok {
		path = strings.SplitN(s, ".", 2)
	}
	if len(path) != 2 {
		return nil, fault.New(fault.Invalid, "!GetAtt %v: a resource and an attribute belong here", arg)
	}
	res, ok := r.resources[path[0]]
	if !ok {
		return nil, fault.New(fault.Invalid, "!GetAtt %s.%s: there is no such resource", path[0], path[1])
	}
	physical, err := r.physical(path[0], res)
	if err != nil {
		return nil, err
	}
	return r.names.attribute(res.Type, physical, path[1]), nil
}

// physical is the name that a resource goes by: the one the template gives it,
// else the stack's name and the logical id.
func (r *resolver) physical(id string, res raw) (string, error) {
	for _, property := range []string{"QueueName", "TableName", "FunctionName", "BucketName", "TopicName", "AliasName", "LogGroupName", "Name"} {
		given, ok := res.Properties[property]
		if !ok {
			continue
		}
		v, err := r.resolve(given)
		if err != nil {
			return "", fault.Wrap(fault.Invalid, "resource "+id+": "+property, err)
		}
		if s, ok := v.(string); ok && s != "" {
			return s, nil
		}
	}
	return text(r.pseudo["AWS::StackName"]) + "-" + id, nil
}

func (r *resolver) choose(arg any) (any, error) {
	list, _ := arg.([]any)
	if len(list) != 3 {
		return nil, fault.New(fault.Invalid, "Fn::If wants a condition and two values")
	}
	holds, err := r.holds(text(list[0]))
	if err != nil {
		return nil, err
	}
	if holds {
		return r.resolve(list[1])
	}
	return r.resolve(list[2])
}

// holds evaluates a condition by its name.
func (r *resolver) holds(name string) (bool, error) {
	c, ok := r.conditions[name]
	if !ok {
		return false, fault.New(fault.Invalid, "there is no condition %s", name)
	}
	return r.condition(c)
}

func (r *resolver) condition(c any) (bool, error) {
	m, _ := c.(map[string]any)
	if len(m) != 1 {
		return false, fault.New(fault.Invalid, "%v is not a condition", c)
	}
	for name, arg := range m {
		if name == "Condition" {
			return r.holds(text(arg))
		}
		list, _ := arg.([]any)
		switch name {
		case "Fn::Equals":
			v, err := r.resolve(list)
			pair, _ := v.([]any)
			return err == nil && len(pair) == 2 && text(pair[0]) == text(pair[1]), err
		case "Fn::Not":
			v, err := r.all(list)
			return err == nil && !v, err
		case "Fn::And":
			return r.all(list)
		case "Fn::Or":
			return r.any(list)
		}
		return false, fault.New(fault.Invalid, "%s is not a condition", name)
	}
	return false, nil
}

func (r *resolver) all(list []any) (bool, error) {
	for _, c := range list {
		if v, err := r.condition(c); err != nil || !v {
			return false, err
		}
	}
	return true, nil
}

func (r *resolver) any(list []any) (bool, error) {
	for _, c := range list {
		if v, err := r.condition(c); err != nil || v {
			return v, err
		}
	}
	return false, nil
}

// sub evaluates Fn::Sub: a text, or a list of a text and its variables.
func (r *resolver) sub(arg any) (any, error) {
	variables := map[string]any{}
	if list, ok := arg.([]any); ok && len(list) == 2 {
		given, err := r.resolve(list[1])
		if err != nil {
			return nil, err
		}
		if m, ok := given.(map[string]any); ok {
			variables = m
		}
		arg = list[0]
	}
	var failed error
	out := regexp.MustCompile(`\$\{[^}]*\}`).ReplaceAllStringFunc(text(arg), func(match string) string {
		name := strings.TrimSpace(match[2 : len(match)-1])
		if literal, ok := strings.CutPrefix(name, "!"); ok {
			return "${" + literal + "}"
		}
		if v, ok := variables[name]; ok {
			return text(v)
		}
		v, err := r.named(name)
		if err != nil && failed == nil {
			failed = err
		}
		return text(v)
	})
	return out, failed
}

// named is what ${name} stands for in Fn::Sub.
func (r *resolver) named(name string) (any, error) {
	if id, attr, ok := strings.Cut(name, "."); ok {
		return r.getAtt([]any{id, attr})
	}
	return r.ref(name)
}

// text is the string form of a scalar.
func text(v any) string {
	switch v := v.(type) {
	case nil, noValue:
		return ""
	case string:
		return v
	}
	return fmt.Sprint(v)
}

// strs is a list as strings.
func strs(v any) []string {
	var out []string
	list, _ := v.([]any)
	for _, item := range list {
		out = append(out, text(item))
	}
	return out
}

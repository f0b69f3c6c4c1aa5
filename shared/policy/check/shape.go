package check

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/policy/nearest"
)

// schemaURL names the schema inside the validator; nothing is fetched.
const schemaURL = "policy:schema"

// shape checks value against the JSON Schema. The error is about the schema
// itself; what is wrong with value becomes problems.
func (c *checker) shape(value any) error {
	raw, err := jsonschema.UnmarshalJSON(bytes.NewReader(policy.Schema()))
	if err != nil {
		return fault.Wrap(fault.Internal, "read the policy's schema", err)
	}
	root, ok := raw.(map[string]any)
	if !ok {
		return fault.New(fault.Internal, "the policy's schema is not an object")
	}
	delete(root, "$id")
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource(schemaURL, root); err != nil {
		return fault.Wrap(fault.Internal, "read the policy's schema", err)
	}
	schema, err := compiler.Compile(schemaURL)
	if err != nil {
		return fault.Wrap(fault.Internal, "compile the policy's schema", err)
	}
	var invalid *jsonschema.ValidationError
	if errors.As(schema.Validate(value), &invalid) {
		c.explain(root, value, invalid)
	}
	return nil
}

// explain adds a problem for every leaf of the validator's error.
func (c *checker) explain(root map[string]any, value any, e *jsonschema.ValidationError) {
	if len(e.Causes) == 0 {
		c.leaf(root, value, e)
		return
	}
	for _, cause := range e.Causes {
		c.explain(root, value, cause)
	}
}

func (c *checker) leaf(root map[string]any, value any, e *jsonschema.ValidationError) {
	path := pathOf(value, e.InstanceLocation)
	schema := schemaAt(root, e.SchemaURL)
	switch k := e.ErrorKind.(type) {
	case *kind.AdditionalProperties:
		for _, name := range k.Properties {
			c.problem(join(path, name), "%s", unknown(schema, name))
		}
	case *kind.Required:
		for _, name := range k.Missing {
			c.missing(path, name, describe(schema, name))
		}
	default:
		c.problem(path, "%s", sentence(e.ErrorKind, schema))
	}
}

// unknown says what is wrong with a key.
func unknown(schema map[string]any, name string) string {
	if key, ok := schema["x-key"].(string); ok {
		return "the key is not " + key
	}
	if gone, ok := schema["x-gone"].(map[string]any); ok {
		if instead, ok := gone[name].(string); ok {
			return "is no field any more; " + instead
		}
	}
	known := propertiesOf(schema)
	return fmt.Sprintf("unknown field%s; known here: %s", nearest.Hint(name, known), strings.Join(known, ", "))
}

// sentence says what is wrong with one value.
func sentence(k jsonschema.ErrorKind, schema map[string]any) string {
	switch k := k.(type) {
	case *kind.Type:
		if k.Got == "null" {
			return "is empty; it must be " + nouns(k.Want)
		}
		return fmt.Sprintf("must be %s, but is %s", nouns(k.Want), nouns([]string{k.Got}))
	case *kind.Enum:
		var want []string
		for _, w := range k.Want {
			want = append(want, fmt.Sprint(w))
		}
		got := fmt.Sprint(k.Got)
		quoted := strings.Join(want, ", ")
		if slices.Contains(want, "") {
			quoted = strings.TrimSuffix(quoted, ", ") + " or empty"
		}
		return fmt.Sprintf("%q is not known%s; it must be one of %s", got, nearest.Hint(got, want), quoted)
	case *kind.Pattern:
		return fmt.Sprintf("%q is not %s", k.Got, form(schema))
	case *kind.Minimum:
		return limits(schema, fmt.Sprintf("must be at least %s, but is %s", k.Want.RatString(), k.Got.RatString()))
	case *kind.Maximum:
		return limits(schema, fmt.Sprintf("must be at most %s, but is %s", k.Want.RatString(), k.Got.RatString()))
	case *kind.ExclusiveMinimum:
		return fmt.Sprintf("must be more than %s, but is %s", k.Want.RatString(), k.Got.RatString())
	case *kind.MinItems, *kind.MinProperties:
		return "must have at least one entry"
	case *kind.MinLength:
		return "is empty"
	case *kind.MaxLength:
		return fmt.Sprintf("has %d characters; at most %d are allowed", k.Got, k.Want)
	case *kind.UniqueItems:
		return fmt.Sprintf("entries %d and %d are the same; remove one", k.Duplicates[0]+1, k.Duplicates[1]+1)
	}
	return fmt.Sprintf("does not have the form of the schema (%s)", strings.Join(k.KeywordPath(), " "))
}

// limits prefers the form of a value, where it has one, to its limits: a
// duration may also be the number 0.
func limits(schema map[string]any, message string) string {
	if _, ok := schema["x-form"]; ok {
		return "must be " + form(schema)
	}
	return message
}

// form is how the schema puts a pattern in words.
func form(schema map[string]any) string {
	if f, ok := schema["x-form"].(string); ok {
		return f
	}
	return "of the expected form"
}

func describe(schema map[string]any, name string) string {
	properties, _ := schema["properties"].(map[string]any)
	field, _ := properties[name].(map[string]any)
	text, _ := field["description"].(string)
	if text == "" {
		return ""
	}
	return " (" + strings.TrimSuffix(text, ".") + ")"
}

func propertiesOf(schema map[string]any) []string {
	properties, _ := schema["properties"].(map[string]any)
	return slices.Sorted(maps.Keys(properties))
}

func nouns(types []string) string {
	names := map[string]string{
		"object": "a block of fields", "array": "a list", "string": "text", "integer": "a whole number",
		"number": "a number", "boolean": "true or false", "null": "empty",
	}
	var out []string
	for _, t := range types {
		out = append(out, names[t])
	}
	return strings.Join(out, " or ")
}

// schemaAt returns the part of the schema that a URL with a JSON pointer names.
func schemaAt(root map[string]any, location string) map[string]any {
	_, pointer, _ := strings.Cut(location, "#")
	var at any = root
	for token := range strings.SplitSeq(strings.Trim(pointer, "/"), "/") {
		if plain, err := url.PathUnescape(token); err == nil {
			token = plain
		}
		token = strings.NewReplacer("~1", "/", "~0", "~").Replace(token)
		if m, ok := at.(map[string]any); ok && token != "" {
			at = m[token]
		}
	}
	m, _ := at.(map[string]any)
	return m
}

// pathOf writes the location of a value as fit.rules[2].when.
func pathOf(value any, location []string) string {
	path := ""
	for _, token := range location {
		switch v := value.(type) {
		case []any:
			i, err := strconv.Atoi(token)
			if err != nil || i >= len(v) {
				return path
			}
			path, value = fmt.Sprintf("%s[%d]", path, i), v[i]
		case map[string]any:
			path, value = join(path, token), v[token]
		}
	}
	return path
}

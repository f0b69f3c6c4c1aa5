package policy_test

import (
	"encoding"
	"encoding/json"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"

	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/policy"
)

// The schema says what every field of Policy is, and knows no other.
func TestSchemaDocumentsEveryField(t *testing.T) {
	var root map[string]any
	if err := json.Unmarshal(policy.Schema(), &root); err != nil {
		t.Fatal(err)
	}
	if root["$schema"] != "https://json-schema.org/draft/2020-12/schema" {
		t.Errorf("$schema is %v", root["$schema"])
	}
	compare(t, root, root, reflect.TypeFor[policy.Policy](), "policy")
}

func compare(t *testing.T, root, schema map[string]any, typ reflect.Type, path string) {
	t.Helper()
	if ref, ok := schema["$ref"].(string); ok {
		schema = object(t, object(t, root, "$defs", path), strings.TrimPrefix(ref, "#/$defs/"), path)
	}
	if typ.Kind() == reflect.Struct && !reflect.PointerTo(typ).Implements(reflect.TypeFor[encoding.TextUnmarshaler]()) {
		compareStruct(t, root, schema, typ, path)
	}
	if typ.Kind() == reflect.Slice {
		compare(t, root, object(t, schema, "items", path), typ.Elem(), path+"[]")
	}
	if typ.Kind() == reflect.Map {
		compareMap(t, root, schema, typ, path)
	}
}

func compareStruct(t *testing.T, root, schema map[string]any, typ reflect.Type, path string) {
	t.Helper()
	if schema["additionalProperties"] != false {
		t.Errorf("%s: the schema lets unknown fields pass", path)
	}
	properties := object(t, schema, "properties", path)
	known := map[string]bool{}
	for _, f := range reflect.VisibleFields(typ) {
		name, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		if name == "" {
			continue // an embedded struct, whose fields follow
		}
		known[name] = true
		field := object(t, properties, name, path)
		if text, ok := field["description"].(string); !ok || len(text) < 10 {
			t.Errorf("%s.%s has no description", path, name)
		}
		compare(t, root, field, f.Type, path+"."+name)
	}
	for name := range properties {
		if !known[name] {
			t.Errorf("%s.%s is in the schema and not in the type", path, name)
		}
	}
}

// compareMap takes a map for closed (grades, days), patterned or open.
func compareMap(t *testing.T, root, schema map[string]any, typ reflect.Type, path string) {
	t.Helper()
	for _, keyword := range []string{"properties", "patternProperties"} {
		if fields, ok := schema[keyword].(map[string]any); ok {
			for name := range fields {
				compare(t, root, object(t, fields, name, path), typ.Elem(), path+"."+name)
			}
			return
		}
	}
	compare(t, root, object(t, schema, "additionalProperties", path), typ.Elem(), path+".*")
}

func object(t *testing.T, in map[string]any, name, path string) map[string]any {
	t.Helper()
	m, ok := in[name].(map[string]any)
	if !ok {
		t.Fatalf("%s: the schema has no object %s", path, name)
	}
	return m
}

// The default shows and comments every field that the schema knows.
func TestDefaultShowsEveryField(t *testing.T) {
	var root map[string]any
	if err := json.Unmarshal(policy.Schema(), &root); err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	collect(root, names)
	text := string(policy.Default())
	for name := range names {
		if !strings.Contains(text, name+":") && name != "D" && name != "sat" && name != "sun" {
			t.Errorf("default.yaml does not show %s", name)
		}
	}
}

func collect(schema any, names map[string]bool) {
	switch v := schema.(type) {
	case map[string]any:
		for key, sub := range v {
			if fields, ok := sub.(map[string]any); ok && key == "properties" {
				for name := range fields {
					names[name] = true
				}
			}
			collect(sub, names)
		}
	case []any:
		for _, sub := range v {
			collect(sub, names)
		}
	}
}

// The events that a line of notifications may name are those of the contract,
// and the default names each in its comment.
func TestNotificationsKnowEveryEvent(t *testing.T) {
	var root map[string]any
	if err := json.Unmarshal(policy.Schema(), &root); err != nil {
		t.Fatal(err)
	}
	on := root
	for _, name := range []string{"properties", "notifications", "items", "properties", "on"} {
		on = object(t, on, name, "notifications")
	}
	listed, ok := on["enum"].([]any)
	if !ok {
		t.Fatal("notifications[].on lists no events")
	}
	known := map[string]bool{}
	for _, e := range listed {
		name, _ := e.(string)
		known[name] = true
		if !strings.Contains(string(policy.Default()), " "+name) {
			t.Errorf("default.yaml does not mention %s", name)
		}
	}
	want := map[string]bool{}
	for _, e := range contract.Types() {
		want[string(e)] = true
	}
	if diff := cmp.Diff(want, known); diff != "" {
		t.Errorf("the schema's events are not those of the contract:\n%s", diff)
	}
}

// A policy's keys in default.yaml are those of the schema: what is shown, is known.
func TestSchemaKnowsEveryFieldOfTheDefault(t *testing.T) {
	var root map[string]any
	if err := json.Unmarshal(policy.Schema(), &root); err != nil {
		t.Fatal(err)
	}
	var value any
	if err := yaml.Unmarshal(policy.Default(), &value); err != nil {
		t.Fatal(err)
	}
	shown(t, root, root, value, "policy")
}

func shown(t *testing.T, root, schema map[string]any, value any, path string) {
	t.Helper()
	if ref, ok := schema["$ref"].(string); ok {
		schema = object(t, object(t, root, "$defs", path), strings.TrimPrefix(ref, "#/$defs/"), path)
	}
	switch v := value.(type) {
	case []any:
		for _, entry := range v {
			shown(t, root, object(t, schema, "items", path), entry, path+"[]")
		}
	case map[string]any:
		for name, entry := range v {
			shown(t, root, field(t, schema, name, path), entry, path+"."+name)
		}
	}
}

// field returns the schema of one member: a property, else that of any name.
func field(t *testing.T, schema map[string]any, name, path string) map[string]any {
	t.Helper()
	if properties, ok := schema["properties"].(map[string]any); ok {
		return object(t, properties, name, path)
	}
	if patterns, ok := schema["patternProperties"].(map[string]any); ok {
		for pattern := range patterns {
			if regexp.MustCompile(pattern).MatchString(name) {
				return object(t, patterns, pattern, path)
			}
		}
	}
	return object(t, schema, "additionalProperties", path)
}

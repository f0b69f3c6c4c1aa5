package cfn

import (
	"strconv"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
)

// props reads the properties of one resource and gathers what is wrong with
// them under the resource's and the property's name. Only what is read is
// resolved.
type props struct {
	resolver *resolver
	where    string
	values   map[string]any
	wrong    []error
}

func (p *props) fail(property string, err error) {
	where := p.where
	if property != "" {
		where += ": " + property
	}
	p.wrong = append(p.wrong, fault.Wrap(fault.Invalid, where, err))
}

// get returns a resolved property, nil when it is not there.
func (p *props) get(property string) any {
	given, ok := p.values[property]
	if !ok {
		return nil
	}
	v, err := p.resolver.resolve(given)
	if err != nil {
		p.fail(property, err)
		return nil
	}
	if _, none := v.(noValue); none {
		return nil
	}
	return v
}

func (p *props) str(property string) string {
	v := p.get(property)
	switch v.(type) {
	case map[string]any, []any:
		p.fail(property, fault.New(fault.Invalid, "a text belongs here"))
		return ""
	}
	return text(v)
}

func (p *props) required(property string) string {
	s := p.str(property)
	if s == "" {
		p.fail(property, fault.New(fault.Invalid, "must be given"))
	}
	return s
}

func (p *props) number(property string, otherwise int) int {
	v := p.get(property)
	if v == nil {
		return otherwise
	}
	n, err := strconv.Atoi(text(v))
	if err != nil {
		p.fail(property, fault.New(fault.Invalid, "%q is not a whole number", text(v)))
	}
	return n
}

func (p *props) seconds(property string, otherwise int) time.Duration {
	return time.Duration(p.number(property, otherwise)) * time.Second
}

func (p *props) flag(property string, otherwise bool) bool {
	v := p.get(property)
	if v == nil {
		return otherwise
	}
	b, err := strconv.ParseBool(strings.ToLower(text(v)))
	if err != nil {
		p.fail(property, fault.New(fault.Invalid, "%q is neither true nor false", text(v)))
	}
	return b
}

func (p *props) strs(property string) []string {
	v := p.get(property)
	if v == nil {
		return nil
	}
	if _, ok := v.([]any); !ok {
		p.fail(property, fault.New(fault.Invalid, "a list belongs here"))
	}
	return strs(v)
}

func (p *props) object(property string) map[string]any {
	v := p.get(property)
	m, ok := v.(map[string]any)
	if v != nil && !ok {
		p.fail(property, fault.New(fault.Invalid, "a mapping belongs here"))
	}
	return m
}

// within reads the members of a property that has been resolved already.
func (p *props) within(property string, values map[string]any) *props {
	return &props{resolver: p.resolver, where: p.where + ": " + property, values: values}
}

// take moves what a reader of members found wrong to p.
func (p *props) take(members *props) { p.wrong = append(p.wrong, members.wrong...) }

// Package vectors holds the statistics of package rollout against tables of
// answers that other software gave: ours, testdata/references.json of package
// rollout, and any of the same form. It is a tool for tests and operators, which
// no function links, and knows nothing of phases and gates.
package vectors

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/handoff-oss/handoff/shared/fault"
)

// Tolerance is how far from what is wanted a number may be, relative to it.
const Tolerance = 1e-6

// Quantity is one number of a table, or both ends of an interval.
type Quantity struct {
	Section, Case, Name string
	Got                 []float64 // none when it is not computed here
	Want                []float64 // NaN for null, what is not defined
}

// Computed says whether package rollout has this quantity.
func (q Quantity) Computed() bool { return len(q.Got) > 0 }

// Same says whether what was computed is what was wanted. Where null is wanted,
// anything that is not finite is.
func (q Quantity) Same() bool { return slices.EqualFunc(q.Got, q.Want, same) }

func same(got, want float64) bool {
	switch finite := !math.IsNaN(got) && !math.IsInf(got, 0); {
	case math.IsNaN(want) || !finite:
		return math.IsNaN(want) && !finite
	case want == 0:
		return math.Abs(got) < 1e-12 // what rounding leaves
	}
	return math.Abs(got-want) <= Tolerance*math.Abs(want)
}

// Compare reads a table: a JSON object whose members two_proportions, power, srm
// and sequences are lists of cases. The inputs of a case, all needed where no
// default is named:
//
//   - two_proportions: x_a, n_a, x_b, n_b: successes and units of control and of
//     what is tried
//   - power: base, mde_abs, alpha, power; ratio, which is 1, and alternative,
//     two-sided, or larger or smaller for a one-sided test
//   - srm: observed and expected_ratio, lists
//   - sequences: x_a, n_a, x_b, n_b, alpha, tuning; difference, absolute or
//     relative
//
// A name is optional. Every other member of a case that is a number, null or a
// pair of them is a wanted quantity; one of a name that is not known here is
// returned without an answer, as are sections that are not known, each as one
// quantity. Versions is left out. A case that cannot be read is left out too,
// and reported with the others; a table in which nothing can be compared is an
// error. Kind: Invalid.
func Compare(text []byte) ([]Quantity, error) {
	var sections map[string]json.RawMessage
	if err := json.Unmarshal(text, &sections); err != nil {
		return nil, fault.Wrap(fault.Invalid, "read the table", err)
	}
	delete(sections, "versions")
	var all []Quantity
	var faults []error
	for _, name := range slices.Sorted(maps.Keys(sections)) {
		answer := section(name)
		if answer == nil {
			all = append(all, Quantity{Section: name, Case: "all", Name: "the section"})
			continue
		}
		var cases []record
		if err := json.Unmarshal(sections[name], &cases); err != nil {
			faults = append(faults, fault.Wrap(fault.Invalid, name, err))
			continue
		}
		for i, c := range cases {
			quantities, err := c.compare(name, i, answer)
			all, faults = append(all, quantities...), append(faults, err)
		}
	}
	if !slices.ContainsFunc(all, Quantity.Computed) {
		faults = append(faults, fault.New(fault.Invalid, "the table has nothing that can be compared"))
	}
	return all, errors.Join(faults...)
}

// record is a case as it stands in a table.
type record map[string]json.RawMessage

// compare answers one case. The member that is no quantity and no input is an
// error, since it may be a wanted number that was misspelled.
func (c record) compare(section string, i int, answer answerer) ([]Quantity, error) {
	in := inputs{record: c, used: map[string]bool{"name": true}}
	name := fmt.Sprintf("case %d", i+1)
	if _, ok := c["name"]; ok {
		name = in.text("name", name)
	}
	ask := answer(&in)
	if in.err != nil {
		return nil, fault.Wrap(fault.Invalid, section+", "+name, in.err)
	}
	var all []Quantity
	var faults []error
	for _, key := range slices.Sorted(maps.Keys(c)) {
		if in.used[key] {
			continue
		}
		want, err := numbers(c[key])
		if err != nil {
			faults = append(faults, fault.Wrap(fault.Invalid, section+", "+name+", "+key, err))
			continue
		}
		all = append(all, Quantity{Section: section, Case: name, Name: key, Got: ask(key), Want: want})
	}
	return all, errors.Join(faults...)
}

// numbers reads a number or a pair, each of which may be null.
func numbers(raw json.RawMessage) ([]float64, error) {
	var many []*float64
	if err := json.Unmarshal(raw, &many); err != nil || many == nil {
		var one *float64
		if err := json.Unmarshal(raw, &one); err != nil {
			return nil, fault.New(fault.Invalid, "neither a number nor a pair of numbers")
		}
		many = []*float64{one}
	}
	var out []float64
	for _, x := range many {
		if x == nil {
			nan := math.NaN()
			x = &nan
		}
		out = append(out, *x)
	}
	if len(out) != 1 && len(out) != 2 {
		return nil, fault.New(fault.Invalid, "neither a number nor a pair of numbers")
	}
	return out, nil
}

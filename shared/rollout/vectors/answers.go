package vectors

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/rollout"
)

// answerer takes the inputs of a case and returns what answers by the name of a
// quantity: with one number, two for an interval, none when the name is unknown.
type answerer func(*inputs) func(quantity string) []float64

// section returns who answers the cases of a section, nil when nobody does.
func section(name string) answerer {
	switch name {
	case "two_proportions":
		return twoProportions
	case "power":
		return power
	case "srm":
		return srm
	case "sequences":
		return sequences
	}
	return nil
}

func twoProportions(in *inputs) func(string) []float64 {
	p := in.pair()
	return func(quantity string) []float64 {
		if side, ok := intervalOf(quantity); ok {
			return ends(p, side)
		}
		switch quantity {
		case "pooled_z":
			return []float64{p.PooledZ().Statistic}
		case "pooled_p":
			return []float64{p.PooledZ().P}
		case "unpooled_wald_z":
			return []float64{p.WaldZ().Statistic}
		case "unpooled_wald_p":
			return []float64{p.WaldZ().P}
		case "chi2":
			return []float64{p.ChiSquared().Statistic}
		case "chi2_p":
			return []float64{p.ChiSquared().P}
		case "chi2_yates":
			return []float64{p.Yates().Statistic}
		case "chi2_yates_p":
			return []float64{p.Yates().P}
		case "fisher_odds":
			odds, _ := p.Fisher()
			return []float64{odds}
		case "fisher_p":
			_, chance := p.Fisher()
			return []float64{chance}
		}
		return nil
	}
}

// named is an interval's name taken apart: diff_ci95_wald, ci95_a_wilson.
type named struct {
	of         string // diff, lift, a or b
	confidence float64
	method     string
}

func intervalOf(quantity string) (named, bool) {
	parts := strings.SplitN(quantity, "_", 3)
	if len(parts) != 3 {
		return named{}, false
	}
	of, level := parts[0], parts[1]
	if strings.HasPrefix(of, "ci") {
		of, level = level, of
	}
	percent, err := strconv.ParseFloat(strings.TrimPrefix(level, "ci"), 64)
	if err != nil || !strings.HasPrefix(level, "ci") {
		return named{}, false
	}
	return named{of, percent / 100, parts[2]}, true
}

func ends(p rollout.Pair, n named) []float64 {
	var method func(float64) rollout.Interval
	switch n.of + " " + n.method {
	case "diff wald":
		method = p.Wald
	case "diff agresti-caffo":
		method = p.AgrestiCaffo
	case "diff newcomb":
		method = p.Newcombe
	case "lift log":
		method = p.LiftInterval
	default:
		switch n.of {
		case "a":
			method = oneProportion(p.A, n.method)
		case "b":
			method = oneProportion(p.B, n.method)
		}
	}
	if method == nil {
		return nil
	}
	i := method(n.confidence)
	return []float64{i.Low, i.High}
}

func oneProportion(p rollout.Proportion, method string) func(float64) rollout.Interval {
	switch method {
	case "normal":
		return p.Normal
	case "wilson":
		return p.Wilson
	case "beta":
		return p.ClopperPearson
	case "jeffreys":
		return p.Jeffreys
	case "agresti_coull":
		return p.AgrestiCoull
	}
	return nil
}

func power(in *inputs) func(string) []float64 {
	base, change := in.number("base", math.NaN()), in.number("mde_abs", math.NaN())
	d := rollout.Design{
		Alpha: in.number("alpha", math.NaN()), Power: in.number("power", math.NaN()), Ratio: in.number("ratio", 1),
		OneSided: in.oneOf("alternative", "two-sided", "larger", "smaller") != "two-sided",
	}
	return func(quantity string) []float64 {
		switch quantity {
		case "cohen_h":
			return []float64{rollout.CohenH(base, base+change)}
		case "n_per_arm":
			return []float64{d.Size(base, change)}
		}
		return nil
	}
}

func srm(in *inputs) func(string) []float64 {
	var observed []int
	var ratio []float64
	in.read("observed", &observed)
	in.read("expected_ratio", &ratio)
	return func(quantity string) []float64 {
		switch test := rollout.Mismatch(observed, ratio); quantity {
		case "chi2":
			return []float64{test.Statistic}
		case "p":
			return []float64{test.P}
		}
		return nil
	}
}

func sequences(in *inputs) func(string) []float64 {
	p := in.pair()
	s := rollout.Sequence{Alpha: in.number("alpha", math.NaN()), Tuning: in.number("tuning", math.NaN())}
	estimate := p.DifferenceEstimate()
	if in.oneOf("difference", "absolute", "relative") == "relative" {
		estimate = p.LiftEstimate()
	}
	return func(quantity string) []float64 {
		switch quantity {
		case "estimate":
			return []float64{estimate.Value}
		case "ci":
			i := s.Around(estimate)
			return []float64{i.Low, i.High}
		}
		return nil
	}
}

// inputs reads members of a case and remembers which, and the first error.
type inputs struct {
	record record
	used   map[string]bool
	err    error
}

func (in *inputs) fail(err error) {
	if in.err == nil {
		in.err = err
	}
}

// read reads a member that must be there.
func (in *inputs) read(key string, into any) {
	in.used[key] = true
	raw, ok := in.record[key]
	if !ok {
		in.fail(fault.New(fault.Invalid, "%s is missing", key))
		return
	}
	if err := json.Unmarshal(raw, into); err != nil {
		in.fail(fault.Wrap(fault.Invalid, key, err))
	}
}

// number reads a number, which must be there unless otherwise is one.
func (in *inputs) number(key string, otherwise float64) float64 {
	x := otherwise
	if _, ok := in.record[key]; ok || math.IsNaN(otherwise) {
		in.read(key, &x)
	}
	return x
}

func (in *inputs) text(key, otherwise string) string {
	s := otherwise
	if _, ok := in.record[key]; ok {
		in.read(key, &s)
	}
	return s
}

// oneOf reads a word, by default the first.
func (in *inputs) oneOf(key string, words ...string) string {
	in.used[key] = true
	word := in.text(key, words[0])
	for _, w := range words {
		if w == word {
			return w
		}
	}
	in.fail(fault.New(fault.Invalid, "%s is %q, not %s", key, word, strings.Join(words, " or ")))
	return word
}

func (in *inputs) pair() rollout.Pair {
	var p rollout.Pair
	for key, into := range map[string]*int{"x_a": &p.A.Successes, "n_a": &p.A.N, "x_b": &p.B.Successes, "n_b": &p.B.N} {
		in.read(key, into)
	}
	for side, q := range map[string]rollout.Proportion{"a": p.A, "b": p.B} {
		if in.err == nil && (q.N < 1 || q.Successes < 0 || q.Successes > q.N) {
			in.fail(fault.New(fault.Invalid, "x_%s is %d of n_%s %d", side, q.Successes, side, q.N))
		}
	}
	return p
}

// String is the quantity with both answers, for messages.
func (q Quantity) String() string {
	return fmt.Sprintf("%s, %s: %s is %v here, %v there", q.Section, q.Case, q.Name, q.Got, q.Want)
}

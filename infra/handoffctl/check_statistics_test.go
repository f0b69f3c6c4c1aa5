package main

import (
	"strings"
	"testing"

	"github.com/handoff-oss/handoff/shared/fault"
)

func TestCheckStatistics(t *testing.T) {
	const published = "../../shared/rollout/testdata/references.json"
	pair := func(quantities string) string {
		return `{"two_proportions": [{"name": "a case", "x_a": 48, "n_a": 80, "x_b": 56, "n_b": 70, ` + quantities + `}]}`
	}
	tests := []struct {
		name, text, file string
		out              string // what is printed, among others
		want             string // the error, among others; none when empty
	}{
		{"the published table", "", published, "718 answers, 0 differences, 0 not computed\n", ""},
		{
			"a number and an interval", pair(`"pooled_z": 2.6501719, "diff_ci95_newcomb": [0.0524315, 0.3338727]`), "-",
			"two_proportions, a case\n" +
				"  diff_ci95_newcomb          (0.0524314724, 0.333872654) here, (0.0524315, 0.3338727) there\n" +
				"  pooled_z                   2.650171951 here, 2.6501719 there\n" +
				"2 answers, 0 differences, 0 not computed\n", "",
		},
		{"a number that is off in the fifth digit", pair(`"pooled_z": 2.65012`), "-", "2.65012 there: DIFFERENT\n1 answer, 1 difference, 0 not computed\n", "1 difference from what the table says"},
		{"an end that is off", pair(`"diff_ci95_newcomb": [0.0524315, 0.34]`), "-", "1 answer, 1 difference", "1 difference from"},
		{"an interval that is a number", pair(`"diff_ci95_newcomb": 0.0524315`), "-", "1 answer, 1 difference", "1 difference from"},
		{"null for a number", pair(`"pooled_z": null`), "-", "NaN there: DIFFERENT", "1 difference from"},
		{"null for what is not defined", `{"two_proportions": [{"x_a": 0, "n_a": 5, "x_b": 1, "n_b": 5, "fisher_odds": null}]}`, "-", "two_proportions, case 1\n  fisher_odds                +Inf here, NaN there\n1 answer, 0 differences", ""},
		{"another confidence", pair(`"ci99_a_wilson": [0.45655145, 0.72813164]`), "-", "1 answer, ", ""},
		{"quantities that nobody computes", pair(`"pooled_z": 2.6501719, "bayes_factor": 3, "diff_ci95_score": [0, 1], "ci_a_wilson": [0, 1]`), "-",
			"  bayes_factor               not computed here\n  ci_a_wilson                not computed here\n  diff_ci95_score            not computed here\n", ""},
		{"a section that nobody computes", strings.Replace(pair(`"pooled_z": 2.6501719`), "{", `{"versions": {"r": "4"}, "survival": [{"hazard": 2}], `, 1), "-",
			"survival, all\n  the section                not computed here\n", ""},
		{"power", `{"power": [{"base": 0.1, "mde_abs": 0.02, "alpha": 0.05, "power": 0.8, "cohen_h": 0.0639821, "n_per_arm": 3834.5957}]}`, "-", "2 answers, 0 differences", ""},
		{"a ratio", `{"srm": [{"observed": [90, 1010], "expected_ratio": [1, 9], "chi2": 4.04040404, "p": 0.044423185}]}`, "-", "2 answers, 0 differences", ""},
		{"a case without an input", strings.Replace(pair(`"pooled_z": 2.6501719`), `"n_a": 80, `, "", 1), "-", "0 answers", "two_proportions, a case: n_a is missing"},
		{"more successes than units", `{"two_proportions": [{"x_a": 9, "n_a": 5, "x_b": 1, "n_b": 5, "pooled_z": 1}]}`, "-", "", "case 1: x_a is 9 of n_a 5"},
		{"half a unit", `{"two_proportions": [{"x_a": 1.5, "n_a": 5, "x_b": 1, "n_b": 5, "pooled_z": 1}]}`, "-", "", "case 1: x_a: "},
		{"a word for a number", pair(`"pooled_z": "much", "pooled_p": 0.0080450814`), "-", "1 answer, 0 differences", "a case, pooled_z: neither a number"},
		{"a bad case beside a good one", `{"srm": [{"observed": [1]}, {"observed": [90, 1010], "expected_ratio": [1, 9], "p": 0.044423185}]}`, "-", "1 answer, 0 differences", "srm, case 1: expected_ratio is missing"},
		{"an unknown direction", `{"power": [{"base": 0.1, "mde_abs": 0.02, "alpha": 0.05, "power": 0.8, "alternative": "up", "cohen_h": 1}]}`, "-", "", `alternative is "up"`},
		{"a section that is no list", `{"srm": {"p": 1}}`, "-", "", "srm: "},
		{"nothing to compare", `{"versions": {}}`, "-", "0 answers, 0 differences, 0 not computed\n", "nothing that can be compared"},
		{"no JSON", "a,b\n", "-", "", "read the table"},
		{"a missing file", "", "/no/such/file", "", "/no/such/file"},
	}
	for _, tt := range tests {
		out, _, err := run(t, nil, tt.text, "check", "statistics", tt.file)
		if !strings.Contains(out, tt.out) {
			t.Errorf("%s: got\n%swant\n%s", tt.name, out, tt.out)
		}
		if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %q", tt.name, err, tt.want)
		}
	}
	if _, _, err := run(t, nil, pair(`"pooled_z": 1`), "check", "statistics", "-"); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a difference is %v, want Invalid", err)
	}
}

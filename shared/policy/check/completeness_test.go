package check_test

import (
	"strings"
	"testing"

	"github.com/handoff-oss/handoff/shared/policy/check"
)

func TestWhatIsWrongWithCompleteness(t *testing.T) {
	for text, want := range map[string]string{
		"completeness: { contacted: [email] }":                             "completeness.contacted: unknown field",
		"completeness: { handed_off: [phone or] }":                         `completeness.handed_off[0]: "phone or" is not`,
		"completeness: { handed_off: email }":                              "completeness.handed_off",
		"completeness: { sources: { typefrom: { handed_off: [phone] } } }": `completeness.sources.typefrom: there is no source "typefrom"`,
	} {
		r := check.Run("p.yaml", []byte(base+text+"\n"))
		if len(r.Errors) != 1 || !strings.Contains(r.Errors[0].Error(), want) || r.Errors[0].Line != strings.Count(base, "\n")+1 {
			t.Errorf("%s: %v, want %s", text, r.Errors, want)
		}
	}
	const told = "  - { on: lead.incomplete, to: operator, channels: [slack] }\n"
	for text, want := range map[string]string{
		told + "completeness: { handed_off: [phone, company or title] }": "",
		"completeness: { known: [phone] }":                               "",
		told + "completeness: { handed_off: [phon] }":                    "completeness.handed_off[0]: phon is not a field that every source has (did you mean phone?)",
		told + "completeness: { handed_off: [phone, phone or title] }":   "completeness.handed_off[1]: phone is asked for by itself already",
		"completeness: { handed_off: [phone] }":                          "notifications: nobody is told of a lead that lacks what sales needs",
	} {
		r := check.Run("p.yaml", []byte(base+text+"\n"))
		if len(r.Errors) > 0 {
			t.Errorf("%s: %v", text, r.Errors)
		}
		if want == "" && len(r.Warnings) > 0 || want != "" && (len(r.Warnings) != 1 || !strings.Contains(r.Warnings[0].Error(), want)) {
			t.Errorf("%s: %v, want %q", text, r.Warnings, want)
		}
	}
}

package phone_test

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/nyaruka/phonenumbers"
	"pgregory.net/rapid"

	"github.com/handoff-oss/handoff/shared/standard/phone"
	"github.com/handoff-oss/handoff/shared/standard/sorted"
)

// The plans are what the library has. With -update they are made anew.
func TestPlans(t *testing.T) {
	want := plansOf(t)
	if flag.Lookup("update").Value.String() == "true" {
		if err := os.WriteFile("phones.txt", []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile("phones.txt")
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Error("phones.txt is not what the library has: run go test ./shared/standard/phone -update")
	}
	if wrong := sorted.Wrong(want); wrong != "" {
		t.Errorf("not in order: %q", wrong)
	}
}

func plansOf(t *testing.T) string {
	t.Helper()
	all, err := phonenumbers.MetadataCollection()
	if err != nil {
		t.Fatal(err)
	}
	lines := map[string]string{}
	for code := range phonenumbers.GetSupportedCallingCodes() {
		lines[fmt.Sprintf("+%d", code)] = strings.Join(phonenumbers.GetRegionCodesForCountryCode(code), " ")
	}
	for _, m := range all.GetMetadata() {
		region := m.GetId()
		if region == "001" {
			region = fmt.Sprintf("001+%d", m.GetCountryCode())
		}
		var types []string
		for _, d := range []*phonenumbers.PhoneNumberDesc{
			m.GetFixedLine(), m.GetMobile(), m.GetTollFree(), m.GetPremiumRate(), m.GetSharedCost(), m.GetVoip(),
			m.GetPersonalNumber(), m.GetPager(), m.GetUan(), m.GetVoicemail(),
		} {
			if p := d.GetNationalNumberPattern(); p != "" && p != "NA" && !slices.Contains(types, p) {
				types = append(types, p)
			}
		}
		g := m.GetGeneralDesc()
		prefix, transform := m.GetNationalPrefixForParsing(), m.GetNationalPrefixTransformRule()
		lines[region] = strings.Join([]string{
			fmt.Sprint(m.GetCountryCode()), m.GetInternationalPrefix(), prefix, dollars(transform), m.GetLeadingDigits(),
			numerals(g.GetPossibleLength()), numerals(g.GetPossibleLengthLocalOnly()), g.GetNationalNumberPattern(), strings.Join(types, "|"),
		}, "\t")
	}
	var out strings.Builder
	for _, key := range slices.Sorted(maps.Keys(lines)) {
		out.WriteString(key + "\t" + lines[key] + "\n")
	}
	return out.String()
}

// dollars writes groups so that digits behind them are not part of their names.
func dollars(rule string) string {
	for n := range 10 {
		rule = strings.ReplaceAll(rule, fmt.Sprintf("$%d", n), fmt.Sprintf("${%d}", n))
	}
	return rule
}

func numerals(lengths []int32) string {
	out := make([]string, len(lengths))
	for i, n := range lengths {
		out[i] = fmt.Sprint(n)
	}
	return strings.Join(out, " ")
}

func types() []phonenumbers.PhoneNumberType {
	return []phonenumbers.PhoneNumberType{
		phonenumbers.FIXED_LINE, phonenumbers.MOBILE, phonenumbers.TOLL_FREE, phonenumbers.PREMIUM_RATE, phonenumbers.SHARED_COST,
		phonenumbers.VOIP, phonenumbers.PERSONAL_NUMBER, phonenumbers.PAGER, phonenumbers.UAN, phonenumbers.VOICEMAIL,
	}
}

// Every example number of libphonenumber, in every way in which it is written,
// is read as the number that it is, for all regions.
func TestExamples(t *testing.T) {
	r := phone.NewReader()
	regions, numbers := map[string]bool{}, 0
	for region := range phonenumbers.GetSupportedRegions() {
		for _, kind := range types() {
			if example := phonenumbers.GetExampleNumberForType(region, kind); example != nil {
				regions[region] = true
				numbers += readExample(t, r, region, example)
			}
		}
	}
	t.Logf("%d regions, %d numbers", len(regions), numbers)
	if len(regions) < 240 || numbers < 3000 {
		t.Errorf("only %d regions and %d numbers were looked at", len(regions), numbers)
	}
}

// readExample reads a number in every way in which it is written, and returns
// how many these are.
func readExample(t *testing.T, r *phone.Reader, region string, example *phonenumbers.PhoneNumber) int {
	t.Helper()
	want := phonenumbers.Format(example, phonenumbers.E164)
	formats := []phonenumbers.PhoneNumberFormat{phonenumbers.E164, phonenumbers.INTERNATIONAL, phonenumbers.NATIONAL}
	for _, format := range formats {
		text := phonenumbers.Format(example, format)
		// A few numbers are not valid as they are written within the country, in the library either.
		if got, why := r.Read(text, region); got.E164 != want && library(text, region) == want {
			t.Errorf("%s %q: %q (%s), want %q", region, text, got.E164, why, want)
		} else if theirs := library(text, region); got.E164 != theirs {
			t.Errorf("%s %q: %q (%s), the library has %q", region, text, got.E164, why, theirs)
		}
	}
	if got, why := r.Read(want, ""); got.E164 != want {
		t.Errorf("%s %q without a region: %q (%s)", region, want, got.E164, why)
	}
	return len(formats)
}

// library reads a number with the library; "" when it is not valid.
func library(text, region string) string {
	n, err := phonenumbers.Parse(text, region)
	if err != nil || !phonenumbers.IsValidNumber(n) {
		return ""
	}
	return phonenumbers.Format(n, phonenumbers.E164)
}

// Whatever is dialed from wherever, the answer is the library's. Most drawn
// numbers are examples with some digits changed, since arbitrary digits are
// hardly ever a number.
func TestAgrees(t *testing.T) {
	r := phone.NewReader()
	regions := slices.Sorted(maps.Keys(phonenumbers.GetSupportedRegions()))
	rapid.Check(t, func(t *rapid.T) {
		region := rapid.SampledFrom(regions).Draw(t, "region")
		from := rapid.SampledFrom(append(regions, region, region, region)).Draw(t, "from")
		text := rapid.StringMatching(`\+?[0-9]{3,15}`).Draw(t, "digits")
		example := phonenumbers.GetExampleNumberForType(from, rapid.SampledFrom(types()).Draw(t, "type"))
		if example != nil && rapid.IntRange(0, 9).Draw(t, "made") > 0 {
			format := rapid.SampledFrom([]phonenumbers.PhoneNumberFormat{phonenumbers.E164, phonenumbers.NATIONAL, phonenumbers.INTERNATIONAL}).Draw(t, "format")
			text = change(t, phonenumbers.Format(example, format))
		}
		got, why := r.Read(text, region)
		if want := library(text, region); got.E164 != want {
			t.Fatalf("%q in %s: %q (%s), want %q", text, region, got.E164, why, want)
		}
	})
}

// change puts other digits in some places, and sometimes a prefix before them.
func change(t *rapid.T, text string) string {
	digits := []byte(text)
	for range rapid.IntRange(0, 3).Draw(t, "changes") {
		at := rapid.IntRange(0, len(digits)-1).Draw(t, "at")
		if digits[at] >= '0' && digits[at] <= '9' {
			digits[at] = byte('0' + rapid.IntRange(0, 9).Draw(t, "digit"))
		}
	}
	return rapid.SampledFrom([]string{"", "", "", "0", "00", "1", "011"}).Draw(t, "before") + string(digits)
}

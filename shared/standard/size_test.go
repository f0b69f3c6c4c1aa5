package standard_test

import (
	"testing"

	"github.com/handoff-oss/handoff/shared/standard"
)

const most = 100_000_000 // employees that a text can claim

func least(text string) int {
	n, _ := standard.Employees(text)
	return n
}

func TestEmployees(t *testing.T) {
	tests := []struct {
		text string
		want int
	}{
		{"", 0},
		{"unknown", 0},
		{"0", 0},
		{"-5", 0},
		{"120", 120},
		{" 120 employees", 120},
		{"1,200", 1200},
		{"1.200", 1200},
		{"1 200", 1200},
		{"1\u00a0200", 1200},
		{"1'200", 1200},
		{"1,200,000", 1200000},
		{"51-200", 51},
		{"51 – 200", 51},
		{"5,001-10,000", 5001},
		{"201 to 500", 201},
		{"5000+", 5000},
		{"> 1000", 1000},
		{"more than 1000", 1000},
		{"~300", 300},
		{"1.5k", 1500},
		{"10k+", 10000},
		{"2 K", 2000},
		{"1,5k", 1500},
		{"1M", 1000000},
		{"3 kids", 3},
		{"<50", 1},
		{"up to 50", 1},
		{"Under 10", 1},
		{"1-10", 1},
		{"12.5", 12},
		{"99999999999999999999", most},
		{"10 20", 10},
		{"1e9", 1},
	}
	for _, tt := range tests {
		if got := least(tt.text); got != tt.want {
			t.Errorf("employees(%q) = %d, want %d", tt.text, got, tt.want)
		}
	}
}

func FuzzEmployees(f *testing.F) {
	for _, s := range []string{"51-200", "1,200", "<50", "1.5k", "٣", "< < <9"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		low, high := standard.Employees(s)
		if low < 0 || low > most || high != 0 && high < low || high > most {
			t.Errorf("employees(%q) = %d to %d", s, low, high)
		}
	})
}

func TestSize(t *testing.T) {
	tests := []struct {
		text        string
		least, most int
		band        string
	}{
		{"51-200", 51, 200, "51-200"},
		{"51 – 200 employees", 51, 200, "51-200"},
		{"1,000 - 5,000", 1000, 5000, ""},
		{"1,001 - 5,000", 1001, 5000, "1001-5000"},
		{"201 to 500", 201, 500, "201-500"},
		{"11 bis 50", 11, 50, "11-50"},
		{"5-10k", 5000, 10_000, ""},
		{"50 people or more", 50, 0, ""},
		{"5 million", 5_000_000, 5_000_000, "10001+"},
		{"1k-5k", 1000, 5000, ""},
		{"120", 120, 120, "51-200"},
		{"1", 1, 1, "1"},
		{"50+", 50, 0, ""},
		{"> 10000", 10_000, 0, "10001+"},
		{"10,000+", 10_000, 0, "10001+"},
		{"10001+", 10_001, 0, "10001+"},
		{"<50", 1, 49, ""},
		{"up to 10", 1, 10, ""},
		{"250000", 250_000, 250_000, "10001+"},
		{"zwischen 10 und 20", 10, 0, ""},
		{"500 or fewer", 1, 500, ""},
		{"10 or less", 1, 10, ""},
		{"no more than 50", 1, 50, ""},
		{"bis zu 10", 1, 10, ""},
		{"unter 50", 1, 49, ""},
		{"weniger als 50 Mitarbeiter", 1, 49, ""},
		{"über 10.000", 10_000, 0, "10001+"},
		{"mehr als 100", 100, 0, ""},
		{"ab 50", 50, 0, ""},
		{"51_200", 51, 0, ""},
		{"many", 0, 0, ""},
		{"0", 0, 0, ""},
	}
	for _, tt := range tests {
		low, high := standard.Employees(tt.text)
		s := standard.New(standard.Options{}).Of(map[string]string{"employees": tt.text})
		if low != tt.least || high != tt.most || s[standard.Size].Value != tt.band || s.Int(standard.SizeLeast) != tt.least || s[standard.Size].How == "" {
			t.Errorf("%q: %d to %d, %+v; want %+v", tt.text, low, high, s[standard.Size], tt)
		}
	}
}

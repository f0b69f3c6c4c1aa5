package pattern_test

import (
	"testing"

	"github.com/handoff-oss/handoff/infra/local/pattern"
)

func TestFilterPasses(t *testing.T) {
	const insert = `{"eventName":"INSERT","dynamodb":{"Keys":{"pk":{"S":"LEAD#1a"},"sk":{"S":"SIG#typeform#e1"}},"NewImage":{"n":{"N":"3"}}}}`
	const event = `{"source":"handoff","detail-type":"lead.handed_off","detail":{"points":42,"tags":["a","b"],"none":null,"parts":[{"rule":"x"},{"rule":"y"}]}}`
	tests := []struct {
		name, pattern, record string
		want                  bool
	}{
		{"a new signal", `{"eventName":["INSERT"],"dynamodb":{"Keys":{"sk":{"S":[{"prefix":"SIG#"}]}}}}`, insert, true},
		{"another event", `{"eventName":["MODIFY","REMOVE"]}`, insert, false},
		{"another prefix", `{"dynamodb":{"Keys":{"sk":{"S":[{"prefix":"LOG#"}]}}}}`, insert, false},
		{"one of two prefixes", `{"dynamodb":{"Keys":{"sk":{"S":[{"prefix":"LOG#"},{"prefix":"SIG#"}]}}}}`, insert, true},
		{"a suffix", `{"dynamodb":{"Keys":{"sk":{"S":[{"suffix":"#e1"}]}}}}`, insert, true},
		{"a member that is not there", `{"dynamodb":{"OldImage":{"n":{"N":["3"]}}}}`, insert, false},
		{"exists", `{"dynamodb":{"NewImage":{"n":{"N":[{"exists":true}]}}}}`, insert, true},
		{"does not exist", `{"dynamodb":{"OldImage":{"n":{"N":[{"exists":false}]}}}}`, insert, true},
		{"does not exist, but does", `{"dynamodb":{"NewImage":{"n":{"N":[{"exists":false}]}}}}`, insert, false},
		{"equal", `{"source":["handoff"]}`, event, true},
		{"without regard to case", `{"source":[{"equals-ignore-case":"HandOff"}]}`, event, true},
		{"anything but", `{"detail-type":[{"anything-but":["lead.created","lead.lost"]}]}`, event, true},
		{"anything but, one value", `{"detail-type":[{"anything-but":"lead.handed_off"}]}`, event, false},
		{"anything but a prefix", `{"detail-type":[{"anything-but":{"prefix":"clock."}}]}`, event, true},
		{"anything but, of nothing", `{"detail":{"missing":[{"anything-but":"x"}]}}`, event, false},
		{"a number", `{"detail":{"points":[42]}}`, event, true},
		{"a range", `{"detail":{"points":[{"numeric":[">",40,"<=",42]}]}}`, event, true},
		{"outside a range", `{"detail":{"points":[{"numeric":["<",42]}]}}`, event, false},
		{"null", `{"detail":{"none":[null]}}`, event, true},
		{"one of a list", `{"detail":{"tags":["b"]}}`, event, true},
		{"a member of one object of a list", `{"detail":{"parts":{"rule":["y"]}}}`, event, true},
		{"or", `{"$or":[{"source":["other"]},{"detail":{"points":[42]}}]}`, event, true},
		{"neither", `{"$or":[{"source":["other"]},{"detail":{"points":[1]}}]}`, event, false},
		{"not JSON", `{"source":["handoff"]}`, `no`, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f, err := pattern.CompileFilter([]string{tt.pattern})
			if err != nil {
				t.Fatal(err)
			}
			if got := f.Passes([]byte(tt.record)); got != tt.want {
				t.Errorf("%s passes %s: %v, want %v", tt.record, tt.pattern, got, tt.want)
			}
		})
	}
}

func TestCompileRefuses(t *testing.T) {
	for _, source := range []string{
		`not JSON`, `{"a":"text"}`, `{"a":[{"cidr":"10.0.0.0/8"}]}`, `{"a":[{"prefix":"x","suffix":"y"}]}`,
		`{"a":[["x"]]}`, `{"a":[{"numeric":["~",1]}]}`, `{"a":[{"numeric":[">"]}]}`, `{"$or":["x"]}`, `{"a":[{"anything-but":{"cidr":"x"}}]}`,
	} {
		if _, err := pattern.Compile(source); err == nil {
			t.Errorf("%s compiles", source)
		}
	}
}

func TestAnEmptyFilterPassesEverything(t *testing.T) {
	if !(pattern.Filter{}).Passes([]byte(`whatever`)) {
		t.Error("an empty filter holds a record back")
	}
}

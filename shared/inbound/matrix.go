package inbound

// Outcomes returns all outcomes, the good ones first.
func Outcomes() []Outcome {
	return []Outcome{
		Accepted, Duplicate, Parked, Ignored, Probe, Challenged,
		BadSignature, Malformed, TooLarge, WrongPath, BadMethod, UnknownSource, Unavailable,
	}
}

// Row says what one provider is told about one outcome.
type Row struct {
	Provider string // "" for a source that no adapter is known of
	Outcome  Outcome
	Answer   Answer
}

// Table returns what each provider is told about each outcome of a webhook
// with one signal: status, headers and body. It is the table of answers
// (rulesOf, statusOf) worked out, with what adapters add to it. Challenged is
// left out, since its answer depends on the question; UnknownSource stands in
// the row without a provider.
func Table() []Row {
	rows := []Row{{Outcome: UnknownSource, Answer: AnswerUnknown(Request{}, sampleResult(UnknownSource))}}
	for _, p := range registry() {
		for _, o := range Outcomes() {
			if o != Challenged && o != UnknownSource {
				rows = append(rows, Row{p.name, o, p.adapter.Answer(Request{}, sampleResult(o))})
			}
		}
	}
	return rows
}

func sampleResult(o Outcome) Result {
	r := Result{Outcome: o, RequestID: "…"}
	switch o {
	case Accepted:
		r.Stored = 1
	case Duplicate:
		r.Duplicates = 1
	case Parked:
		r.Parked = 1
	case Ignored:
		r.Test = 1
	case Probe, Challenged:
	case BadSignature, Malformed, TooLarge, WrongPath, BadMethod, UnknownSource, Unavailable:
		r.Detail = "…"
	}
	return r
}

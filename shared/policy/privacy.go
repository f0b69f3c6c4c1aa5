package policy

// Privacy says what a person's consent and objections mean, and how long data
// about people are kept.
type Privacy struct {
	Consent   Consent   `yaml:"consent" json:"consent,omitzero"`
	Retention Retention `yaml:"retention" json:"retention,omitzero"`
}

// Consent says what stops the scoring of a person: engagement counts nothing
// then, and no score makes them ready for sales, until they agree again.
type Consent struct {
	StoppedBy []string `yaml:"stopped_by" json:"stopped_by,omitempty"` // types of signals: email.unsubscribed, email.complained, consent.withdrawn; empty: nothing stops it
	Purposes  []string `yaml:"purposes" json:"purposes,omitempty"`     // whose withdrawal does; unsubscribing and complaining withdraw the purpose email
	// HearRequests lets who opted out and asks for sales all the same qualify by that.
	HearRequests bool `yaml:"hear_requests" json:"hear_requests,omitempty"`
}

// Retention says how long what is known of people is kept, in days; 0 is for
// ever.
type Retention struct {
	// SignalsDays is how long single visits, events and e-mails are kept, from
	// their receipt. What says who somebody is, what they asked for and what they
	// agreed to is kept as long as the lead.
	SignalsDays int `yaml:"signals_days" json:"signals_days,omitempty"`
	// LeadsDays is after how many days without a signal a lead is erased that
	// nobody has, and whose deal is not open.
	LeadsDays int `yaml:"leads_days" json:"leads_days,omitempty"`
	// TombstonesDays is how long it is remembered that a person was erased, so that
	// what their tools still send about them does not bring them back.
	TombstonesDays int `yaml:"tombstones_days" json:"tombstones_days,omitempty"`
}

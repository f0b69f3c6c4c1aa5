package signal

import (
	"maps"
	"slices"
	"strings"
	"unicode"
)

// Names of attributes of ConsentGiven and ConsentWithdrawn.
const (
	AttrPurpose        = "purpose"      // what for, such as PurposeMarketing; see Signal.Consents
	AttrConsentChannel = "channel"      // by which medium, such as email
	AttrTextVersion    = "text_version" // which text the person agreed to
	AttrLawfulBasis    = "lawful_basis" // on what ground their data are used, in the sender's words
	// AttrConsent begins the name of an attribute by which any signal says what the
	// person thinks of a purpose: consent.email is ConsentYes or ConsentNo.
	AttrConsent = "consent."
)

// Purposes that are withdrawn or assumed without being named, and what is said of one.
const (
	PurposeEmail     = "email" // what unsubscribing from e-mail and complaining about it withdraw
	PurposeMarketing = "marketing"
	ConsentYes       = "given"
	ConsentNo        = "withdrawn"
)

// longestPurpose is how many bytes the name of a purpose has at most.
const longestPurpose = 40

// Consent is what a signal says of one purpose.
type Consent struct {
	Purpose string // normalized, see PurposeOf
	Given   bool
	By      Type   // what withdrew or gave it: the type of the signal, or ConsentGiven and ConsentWithdrawn for an attribute of another one
	Text    string // AttrTextVersion
	Basis   string // AttrLawfulBasis
}

// Consents returns what the signal says about what the person agrees to, by
// purpose, none twice, in the order of the names.
//
// Consent to marketing by one channel is kept under the name of the channel, and
// so is one that names no purpose: who wants no marketing by e-mail may still be
// called. One that names neither is about marketing.
func (s Signal) Consents() []Consent {
	all := map[string]Consent{}
	s.consentAttributes(all)
	switch s.Type { //nolint:exhaustive // The others say nothing by their type.
	case EmailUnsubscribed, EmailComplained:
		all[PurposeEmail] = s.consent(PurposeEmail, s.Type)
	case ConsentGiven, ConsentWithdrawn:
		purpose, channel := PurposeOf(s.Attributes[AttrPurpose]), PurposeOf(s.Attributes[AttrConsentChannel])
		if channel != "" && (purpose == "" || purpose == PurposeMarketing) {
			purpose = channel
		}
		if purpose == "" {
			purpose = PurposeMarketing
		}
		all[purpose] = s.consent(purpose, s.Type)
	}
	out := make([]Consent, 0, len(all))
	for _, purpose := range slices.Sorted(maps.Keys(all)) {
		out = append(out, all[purpose])
	}
	return out
}

// consentAttributes adds what attributes of any signal say.
func (s Signal) consentAttributes(all map[string]Consent) {
	for name, value := range s.Attributes {
		rest, ok := strings.CutPrefix(name, AttrConsent)
		purpose := PurposeOf(rest)
		if !ok || purpose == "" || (value != ConsentYes && value != ConsentNo) {
			continue
		}
		c := s.consent(purpose, ConsentWithdrawn)
		if value == ConsentYes {
			c = s.consent(purpose, ConsentGiven)
		}
		if known, twice := all[purpose]; !twice || known.Given { // "E-Mail" and "email" may disagree: no is no
			all[purpose] = c
		}
	}
}

func (s Signal) consent(purpose string, by Type) Consent {
	return Consent{Purpose: purpose, Given: by == ConsentGiven, By: by, Text: s.Attributes[AttrTextVersion], Basis: s.Attributes[AttrLawfulBasis]}
}

// PurposeOf writes the name of a purpose or a channel as it is kept: small
// letters, digits and "_", at most 40 bytes. "E-Mail" and "email" are the same.
// It returns "" for what has none of them.
func PurposeOf(name string) string {
	var b strings.Builder
	gap := false
	for _, r := range strings.ToLower(strings.TrimSpace(name)) {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			gap = b.Len() > 0
			continue
		}
		next := string(r)
		if gap {
			next = "_" + next
		}
		if b.Len()+len(next) > longestPurpose {
			break
		}
		b.WriteString(next)
		gap = false
	}
	if b.String() == "e_mail" {
		return PurposeEmail
	}
	return b.String()
}

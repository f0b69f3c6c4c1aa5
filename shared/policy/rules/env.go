package rules

import (
	"net/url"
	"strings"

	"golang.org/x/net/publicsuffix"

	"github.com/handoff-oss/handoff/shared/signal"
)

// LeadEnv is what expressions about a lead see. Make it with Compiled.LeadEnv.
type LeadEnv struct {
	Lead    LeadFields    `expr:"lead"`
	Email   EmailFields   `expr:"email"`
	Consent ConsentFields `expr:"consent"` // see ConsentOf
}

// ConsentFields is what the person agrees to: each is "given", "withdrawn", or ""
// when they said nothing.
type ConsentFields struct {
	Email     string            `expr:"email"`
	Marketing string            `expr:"marketing"`
	Purposes  map[string]string `expr:"purposes"` // all, by name
}

// ConsentOf builds what expressions see from the state of each purpose.
func ConsentOf(purposes map[string]string) ConsentFields {
	return ConsentFields{Email: purposes[signal.PurposeEmail], Marketing: purposes[signal.PurposeMarketing], Purposes: purposes}
}

// LeadFields is the profile of a lead. An unknown text is "", an unknown
// number is 0.
type LeadFields struct {
	FirstName string            `expr:"first_name"`
	LastName  string            `expr:"last_name"`
	Company   string            `expr:"company"`
	Title     string            `expr:"title"`
	Phone     string            `expr:"phone"`
	Country   string            `expr:"country"`
	Website   string            `expr:"website"`
	Industry  string            `expr:"industry"`
	Employees int               `expr:"employees"` // of a range the lower bound
	Fields    map[string]string `expr:"fields"`    // the whole profile
}

// EmailFields is what an address says by itself and by the lists of the
// policy. Without an address every text is "" and every bool false.
type EmailFields struct {
	Address    string `expr:"address"` // normalized
	Host       string `expr:"host"`    // what stands after the @
	Domain     string `expr:"domain"`  // the registrable part of the host, by publicsuffix.org
	Free       bool   `expr:"free"`
	Disposable bool   `expr:"disposable"`
	Business   bool   `expr:"business"` // neither free nor disposable
	Role       bool   `expr:"role"`     // a shared mailbox such as info@
}

// SignalEnv is what expressions about a signal see.
type SignalEnv struct {
	Signal SignalFields `expr:"signal"`
}

// SignalFields is one signal. What it does not have is "".
type SignalFields struct {
	Type       string            `expr:"type"`
	Source     string            `expr:"source"`
	Form       string            `expr:"form"`
	FormID     string            `expr:"form_id"`
	Event      string            `expr:"event"`
	URL        string            `expr:"url"`
	Path       string            `expr:"path"` // of URL
	Page       string            `expr:"page"`
	UserAgent  string            `expr:"user_agent"`
	Attributes map[string]string `expr:"attributes"`
}

// LeadEnv builds what expressions see from the profile's values by field name.
func (c *Compiled) LeadEnv(profile map[string]string) LeadEnv {
	field := func(name string) string { return strings.TrimSpace(profile[name]) }
	return LeadEnv{
		Lead: LeadFields{
			FirstName: field(signal.FieldFirstName),
			LastName:  field(signal.FieldLastName),
			Company:   field(signal.FieldCompany),
			Title:     field(signal.FieldTitle),
			Phone:     field(signal.FieldPhone),
			Country:   field(signal.FieldCountry),
			Website:   field(signal.FieldWebsite),
			Industry:  field(signal.FieldIndustry),
			Employees: employees(field(signal.FieldEmployees)),
			Fields:    profile,
		},
		Email: c.email(profile[signal.FieldEmail]),
	}
}

// Expand puts the values of the lead into the reason of a fit rule or an
// exclusion. The one placeholder is {email.domain}; a sentence about one
// person would not belong into an event.
func (e LeadEnv) Expand(reason string) string {
	return strings.ReplaceAll(reason, "{email.domain}", e.Email.Domain)
}

func (c *Compiled) email(text string) EmailFields {
	address := signal.NormalizeEmail(text)
	local, host, ok := strings.Cut(address, "@")
	if !ok {
		return EmailFields{}
	}
	host = strings.TrimSuffix(host, ".")
	domain, err := publicsuffix.EffectiveTLDPlusOne(host)
	if err != nil {
		domain = host // the host is a public suffix itself
	}
	f := EmailFields{Address: address, Host: host, Domain: domain, Role: isRole(local)}
	f.Free = c.free[host] || c.free[domain]
	f.Disposable = c.disposable[host] || c.disposable[domain]
	f.Business = !f.Free && !f.Disposable
	return f
}

// isRole reports whether the local part names a function and not a person.
// The names are those of RFC 2142 and what companies commonly use besides.
func isRole(local string) bool {
	name, _, _ := strings.Cut(local, "+")
	switch name {
	case "abuse", "accounting", "accounts", "admin", "administrator", "billing", "career", "careers", "contact", "contacto",
		"customerservice", "enquiries", "enquiry", "feedback", "finance", "hello", "help", "helpdesk", "hi", "hostmaster",
		"hr", "info", "information", "inquiries", "invoice", "invoices", "it", "jobs", "kontakt", "legal", "mail", "marketing",
		"media", "news", "newsletter", "no-reply", "noreply", "office", "orders", "partners", "postmaster", "pr", "press",
		"privacy", "recruiting", "reception", "root", "sales", "security", "service", "services", "shop", "spam", "support",
		"team", "webmaster":
		return true
	}
	return false
}

func signalEnv(s signal.Signal) SignalEnv {
	a := s.Attributes
	return SignalEnv{Signal: SignalFields{
		Type:       string(s.Type),
		Source:     s.Source,
		Form:       a[signal.AttrForm],
		FormID:     a[signal.AttrFormID],
		Event:      a[signal.AttrEvent],
		URL:        a[signal.AttrURL],
		Path:       pathOf(a[signal.AttrURL]),
		Page:       a[signal.AttrPage],
		UserAgent:  a[signal.AttrUserAgent],
		Attributes: a,
	}}
}

func pathOf(address string) string {
	if address == "" {
		return ""
	}
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Path
}

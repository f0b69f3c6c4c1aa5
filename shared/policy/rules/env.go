package rules

import (
	"net/url"
	"slices"
	"strings"

	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/standard"
)

// LeadEnv is what expressions about a lead see. Make it with Compiled.LeadEnv.
type LeadEnv struct {
	Lead     LeadFields     `expr:"lead"`
	Email    EmailFields    `expr:"email"`
	Standard StandardFields `expr:"standard"`
	Origin   OriginFields   `expr:"origin"`  // set by who knows the facts
	Consent  ConsentFields  `expr:"consent"` // the same, see ConsentOf
}

// StandardFields is what the values of the profile mean, as package standard
// says: "" and 0 where it does not. Compiled.LeadEnv fills in those that an
// expression of the policy names, and only those: a telephone number takes
// longer than all the rest of an evaluation.
type StandardFields struct {
	FirstName  string `expr:"first_name"`
	LastName   string `expr:"last_name"`
	Email      string `expr:"email"`      // one spelling for all addresses of a mailbox
	Phone      string `expr:"phone"`      // E.164
	Seniority  string `expr:"seniority"`  // owner, c_level, vp, director, head, manager, senior, individual, entry
	Department string `expr:"department"` // such as sales, marketing, it
	Country    string `expr:"country"`    // ISO 3166-1 alpha-2
	Region     string `expr:"region"`     // ISO 3166-2
	Website    string `expr:"website"`    // registrable domain
	Industry   string `expr:"industry"`   // such as software, manufacturing
	Size       string `expr:"size"`       // a band of employees, such as 51-200
	SizeMin    int    `expr:"size_min"`   // the least number of employees
	SizeMax    int    `expr:"size_max"`   // the most, 0 when nothing bounds it
}

// OriginFields is where the lead came from, by its earliest signals that say so.
type OriginFields struct {
	Channel  string `expr:"channel"` // see standard.Channels; "" when no signal says
	Campaign string `expr:"campaign"`
	Form     string `expr:"form"`
	Source   string `expr:"source"` // of the first signal
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
	Tag        string `expr:"tag"`      // what stands behind a + before the @
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
			Employees: least(field(signal.FieldEmployees)),
			Fields:    profile,
		},
		Email:    c.email(profile[signal.FieldEmail]),
		Standard: c.standardFields(profile),
	}
}

// Expand puts the values of the lead into the reason of a fit rule or an
// exclusion. The one placeholder is {email.domain}; a sentence about one
// person would not belong into an event.
func (e LeadEnv) Expand(reason string) string {
	return strings.ReplaceAll(reason, "{email.domain}", e.Email.Domain)
}

func (c *Compiled) email(text string) EmailFields {
	m := c.book.Mail(text)
	return EmailFields{
		Address: m.Address, Host: m.Host, Domain: m.Domain, Free: m.Free, Disposable: m.Disposable, Business: m.Business, Role: m.Role, Tag: m.Tag,
	}
}

// least is the number of employees that fit may be credited with: the lower
// bound of what is known.
func least(employees string) int {
	n, _ := standard.Employees(employees)
	return n
}

// standardFields finds the standard values that the policy's expressions name.
func (c *Compiled) standardFields(profile map[string]string) StandardFields {
	if len(c.named) == 0 {
		return StandardFields{}
	}
	s := c.book.Of(profile, c.named...)
	return StandardFields{
		FirstName: s[standard.FirstName].Value, LastName: s[standard.LastName].Value, Email: s[standard.Email].Value,
		Phone: s[standard.Phone].Value, Seniority: s[standard.Seniority].Value, Department: s[standard.Department].Value,
		Country: s[standard.Country].Value, Region: s[standard.Region].Value, Website: s[standard.Website].Value,
		Industry: s[standard.Industry].Value, Size: s[standard.Size].Value,
		SizeMin: s.Int(standard.SizeLeast), SizeMax: s.Int(standard.SizeMost),
	}
}

// Standard returns all standard values of a profile, with the reasons.
func (c *Compiled) Standard(profile map[string]string) standard.Standard { return c.book.Of(profile) }

// Book is what finds standard values under this policy.
func (c *Compiled) Book() *standard.Book { return c.book }

// bookOf returns the book of a policy.
func bookOf(i policy.Identity) *standard.Book {
	o := standard.Options{
		PhoneRegion: i.PhoneRegion, PlusTags: i.PlusTags, Roles: i.RoleAddresses, Free: i.FreeMail, Disposable: i.Disposable,
		Business: i.BusinessDomains,
	}
	for _, p := range i.ProviderRules {
		o.Providers = append(o.Providers, standard.Provider{Domains: slices.Clone(p.Domains), IgnoreDots: p.IgnoreDots, Tag: p.Tag})
	}
	return standard.New(o)
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

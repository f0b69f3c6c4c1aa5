// Package standard says what the values of a profile mean: an address in one
// spelling, a telephone number in E.164, a country by its ISO code, a job title
// as seniority and department, and so on, each with the original and with a
// sentence that says why. What cannot be explained has no standard value. All
// of it is a function of the originals and the policy, computed when somebody
// asks, so the order in which signals arrive cannot matter and nothing of it is
// stored. The package knows no policy file, no lead and no clock.
package standard

import (
	"slices"
	"strconv"
	"strings"

	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/standard/phone"
)

// Field is one standard value.
type Field struct {
	Value string `json:"value"` // "" when there is none
	From  string `json:"from"`  // the original, as it was sent
	How   string `json:"how"`   // one or more sentences: why, or why there is none
}

// Standard holds the standard values of a profile by the names below. A field
// of which nothing was sent is not in it.
type Standard map[string]Field

// Names of standard fields.
const (
	Email          = "email"           // one spelling for all addresses of a mailbox
	EmailTag       = "email_tag"       // what stood behind the + of the address
	Phone          = "phone"           // E.164
	PhoneExtension = "phone_extension" // digits
	FirstName      = "first_name"      //
	LastName       = "last_name"       //
	NameTitle      = "name_title"      // as it was sent, such as "Dr."
	NameSuffix     = "name_suffix"     // as it was sent, such as "Jr."
	Seniority      = "seniority"       // owner, c_level, vp, director, head, manager, senior, individual, entry
	Department     = "department"      // such as sales, marketing, it; see tables/departments.txt
	Country        = "country"         // ISO 3166-1 alpha-2
	Region         = "region"          // ISO 3166-2, of the United States, Canada, Germany and Australia
	Industry       = "industry"        // such as software, manufacturing; see tables/industries.txt
	Size           = "size"            // a band of employees, such as 51-200
	SizeLeast      = "size_min"        // the least number of employees
	SizeMost       = "size_max"        // the most; not there when nothing bounds it
	Website        = "website"         // the registrable domain of the website
)

// Names lists the names of all standard fields in the order in which people
// look at them.
func Names() []string {
	return []string{
		FirstName, LastName, NameTitle, NameSuffix, Email, EmailTag, Phone, PhoneExtension, Seniority, Department, Country, Region,
		Website, Industry, Size, SizeLeast, SizeMost,
	}
}

// From lists the standard fields that are read from a field of the profile.
func From(field string) []string {
	switch field {
	case signal.FieldFirstName:
		return []string{FirstName, NameTitle}
	case signal.FieldLastName:
		return []string{LastName, NameSuffix}
	case signal.FieldEmail:
		return []string{Email, EmailTag}
	case signal.FieldPhone:
		return []string{Phone, PhoneExtension}
	case signal.FieldTitle:
		return []string{Seniority, Department}
	case signal.FieldCountry:
		return []string{Country}
	case signal.FieldWebsite:
		return []string{Website}
	case signal.FieldIndustry:
		return []string{Industry}
	case signal.FieldEmployees:
		return []string{Size, SizeLeast, SizeMost}
	}
	if slices.Contains(regionFields(), field) {
		return []string{Region}
	}
	return nil
}

// Options is what a company knows beyond this package.
type Options struct {
	PhoneRegion string     // ISO 3166-1 alpha-2: of numbers without a country code whose lead names no country; "" for unknown
	PlusTags    bool       // what stands behind a + before the @ does not tell mailboxes apart, whatever the provider
	Providers   []Provider // how providers spell the addresses of a mailbox
	Roles       []string   // further names of shared mailboxes: what stands before the @
	Free        []string   // further registrable domains where anybody gets a mailbox
	Disposable  []string   // further registrable domains of addresses to throw away
	Business    []string   // registrable domains that are on none of these lists, whatever they say
}

// Provider says which addresses of a mail provider reach the same mailbox.
type Provider struct {
	Domains    []string // all mean the first
	IgnoreDots bool     // dots before the @ do not count
	Tag        string   // what it and what stands behind it before the @ does not count, such as "+"; "" for nothing
}

// Book finds standard values under the options of a policy. It is safe for
// concurrent use.
type Book struct {
	options                           Options
	providers                         map[string]Provider // by each of the domains
	roles, free, disposable, business map[string]bool
	phones                            *phone.Reader
}

// New returns a book with the options, which must not change any more.
func New(o Options) *Book {
	b := &Book{
		options: o, providers: map[string]Provider{}, roles: set(o.Roles), free: set(o.Free), disposable: set(o.Disposable),
		business: set(o.Business), phones: phone.NewReader(),
	}
	for _, p := range o.Providers {
		p.Domains = slices.Clone(p.Domains)
		for i, d := range p.Domains {
			p.Domains[i] = strings.ToLower(strings.TrimSpace(d))
			b.providers[p.Domains[i]] = p
		}
	}
	return b
}

func set(words []string) map[string]bool {
	m := make(map[string]bool, len(words))
	for _, w := range words {
		m[strings.ToLower(strings.TrimSpace(w))] = true
	}
	return m
}

// Of returns the standard values of a profile, its original values by the
// field's name. Of some fields only when they are named: a telephone number
// takes longer than all the rest.
func (b *Book) Of(profile map[string]string, only ...string) Standard {
	out := Standard{}
	wants := func(names ...string) bool {
		return len(only) == 0 || slices.ContainsFunc(names, func(n string) bool { return slices.Contains(only, n) })
	}
	sent := func(name string) string { return strings.TrimSpace(profile[name]) }
	one := func(name, original string, read func(string) Field) {
		if original != "" && wants(name) {
			out[name] = read(original)
		}
	}
	if wants(FirstName, LastName, NameTitle, NameSuffix) {
		names(out, sent(signal.FieldFirstName), sent(signal.FieldLastName))
	}
	if original := sent(signal.FieldEmail); original != "" && wants(Email, EmailTag) {
		b.mail(out, original)
	}
	one(Seniority, sent(signal.FieldTitle), seniority)
	one(Department, sent(signal.FieldTitle), department)
	one(Country, sent(signal.FieldCountry), country)
	one(Region, sentRegion(profile), func(s string) Field { return region(s, countryOf(sent(signal.FieldCountry))) })
	one(Website, sent(signal.FieldWebsite), website)
	one(Industry, sent(signal.FieldIndustry), industry)
	if original := sent(signal.FieldEmployees); original != "" && wants(Size, SizeLeast, SizeMost) {
		size(out, original)
	}
	if original := sent(signal.FieldPhone); original != "" && wants(Phone, PhoneExtension) {
		b.phone(out, original, sent(signal.FieldCountry))
	}
	return out
}

// regionFields lists the names that tools have for a state or province.
func regionFields() []string {
	return []string{"state", "region", "province", "state_code", "bundesland", "hs_state_code", "mailing_state"}
}

// sentRegion returns the state or province.
func sentRegion(profile map[string]string) string {
	for _, name := range regionFields() {
		if v := strings.TrimSpace(profile[name]); v != "" {
			return v
		}
	}
	return ""
}

// Number reads a telephone number with the country that the profile names, in
// any spelling, else the policy's region. When it cannot be read, why says so.
func (b *Book) Number(text, country string) (n phone.Number, why string) {
	n, why, _ = b.number(text, country)
	return n, why
}

func (b *Book) number(text, country string) (n phone.Number, why, by string) {
	region, by := countryOf(country), "the lead's country, "
	if region == "" {
		region, by = b.options.PhoneRegion, "the policy's region, "
	}
	n, why = b.phones.Read(text, region)
	if strings.Contains(tidy(text), "+") {
		return n, why, "its country code"
	}
	return n, why, by + CountryName(region)
}

// phone fills in the fields of the telephone number.
func (b *Book) phone(out Standard, original, country string) {
	n, why, by := b.number(original, country)
	f := Field{Value: n.E164, From: original, How: "Read by " + by + "."}
	if why != "" {
		f.How = "No number, because " + why + "."
	}
	out[Phone] = f
	if n.Extension != "" {
		out[PhoneExtension] = Field{Value: n.Extension, From: original, How: "It stands behind the number."}
	}
}

// Int returns a standard value that is a number, 0 for none.
func (s Standard) Int(name string) int {
	n, err := strconv.Atoi(s[name].Value)
	if err != nil {
		return 0
	}
	return n
}

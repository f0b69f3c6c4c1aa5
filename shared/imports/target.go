package imports

import (
	"slices"
	"strings"

	"github.com/handoff-oss/handoff/shared/signal"
)

// Target is what a column is imported as: a profile field by its name, one of
// the targets below, field.NAME for a profile field of the company's own, or
// attr.NAME for an attribute of the signal.
type Target string

// The targets beside the profile fields.
const (
	Ignored     Target = ""
	Email       Target = signal.FieldEmail
	ContactID   Target = "contact_id"
	UserID      Target = "user_id"
	AnonymousID Target = "anonymous_id"
	FullName    Target = "name"            // split at its first space, unless the row has the parts
	OccurredAt  Target = "occurred_at"     // when the contact was created: 2026-11-30, 2026-11-30 14:05, 30.11.2026 or RFC 3339
	OccurredDMY Target = "occurred_at.dmy" // the same, and 30/11/2026
	OccurredMDY Target = "occurred_at.mdy" // the same, and 11/30/2026
	Consent     Target = attrPrefix + signal.AttrConsent + signal.PurposeEmail
)

const (
	fieldPrefix = "field."
	attrPrefix  = "attr."
	mostName    = 64 // bytes of the name of a field or an attribute
)

// identities are the targets that name a person.
func identities() []Target { return []Target{Email, ContactID, UserID, AnonymousID} }

// profile are the targets that are canonical profile fields.
func profile() []Target {
	return []Target{
		signal.FieldFirstName, signal.FieldLastName, signal.FieldCompany, signal.FieldTitle, signal.FieldPhone, signal.FieldCountry,
		signal.FieldEmployees, signal.FieldWebsite, signal.FieldIndustry, signal.FieldPostal,
	}
}

// Targets lists what a column may be, but for field.NAME and attr.NAME.
func Targets() []Target {
	return slices.Concat(identities(), []Target{FullName}, profile(), []Target{Consent, OccurredAt, OccurredDMY, OccurredMDY})
}

// Known tells whether there is such a target.
func (t Target) Known() bool {
	if t == Ignored || slices.Contains(Targets(), t) {
		return true
	}
	name, field := strings.CutPrefix(string(t), fieldPrefix)
	if field && (name == string(Email) || slices.Contains(profile(), Target(name))) {
		return false // they are targets by themselves
	}
	attribute := false
	if !field {
		name, attribute = strings.CutPrefix(string(t), attrPrefix)
	}
	// A signal with the attribute fetch only names a record: see package inbox.
	return (field || attribute) && name != "" && len(name) <= mostName && string(t) != attrPrefix+signal.AttrFetch &&
		strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789_-.") == ""
}

// kind makes one of the targets that are one thing in several notations.
func (t Target) kind() Target {
	if strings.HasPrefix(string(t), string(OccurredAt)) {
		return OccurredAt
	}
	return t
}

// Label says the target in words.
func (t Target) Label() string {
	words := map[Target]string{
		Ignored: "not imported", Email: "e-mail address", ContactID: "contact id of the source", UserID: "user id of the source", AnonymousID: "anonymous id",
		FullName: "whole name", signal.FieldTitle: "job title", signal.FieldEmployees: "number of employees", signal.FieldPostal: "postal code",
		Consent:    "consent to e-mail, as given or withdrawn",
		OccurredAt: "date of creation, as 2026-11-30 or 30.11.2026", OccurredDMY: "date of creation, as 30/11/2026", OccurredMDY: "date of creation, as 11/30/2026",
	}
	if label, ok := words[t]; ok {
		return label
	}
	if name, ok := strings.CutPrefix(string(t), fieldPrefix); ok {
		return "own field " + name
	}
	if name, ok := strings.CutPrefix(string(t), attrPrefix); ok {
		return "attribute " + name
	}
	return strings.ReplaceAll(string(t), "_", " ")
}

// Guess says what the columns of a header probably are, by the names that
// spreadsheets, Salesforce, HubSpot and Pipedrive use, in English and German.
// Of two columns that could be the same, the one whose name is the more usual
// one is it, then the first. What it does not know is not imported. Ids count
// only of a CRM, which a source says.
func Guess(header []string, source string) []Target {
	targets := make([]Target, len(header))
	best := map[Target]int{} // how usual the name is that was chosen, from 1
	at := map[Target]int{}
	for i, name := range header {
		t, usual := guess(name)
		if t == Ignored || t == ContactID && source == Source && usual > 1 {
			continue
		}
		if was, taken := best[t]; taken && was <= usual {
			continue
		}
		if old, taken := at[t]; taken {
			targets[old] = Ignored
		}
		targets[i], best[t], at[t] = t, usual, i
	}
	return targets
}

func guess(name string) (t Target, usual int) {
	if t := Target(strings.ToLower(name)); t != Ignored && t.Known() && !slices.Contains(profile(), t) && t != FullName {
		return t, 0 // as an export or a careful person has named it
	}
	squeezed := squeeze(name)
	for t, names := range usualNames() {
		if i := slices.Index(names, squeezed); i >= 0 {
			return t, i + 1
		}
	}
	return Ignored, 0
}

// squeeze keeps letters and digits, in lower case.
func squeeze(s string) string {
	var out strings.Builder
	for _, r := range strings.ToLower(s) {
		if strings.ContainsRune(" \t\n_-./:()*\"'#–&|,", r) {
			continue
		}
		out.WriteRune(r)
	}
	return out.String()
}

// usualNames are the names of columns, the most usual first.
func usualNames() map[Target][]string {
	return map[Target][]string{
		Email: {
			"email", "emailaddress", "workemail", "businessemail", "personemailwork", "personemail", "emailadresse", "mailadresse", "mail", "primaryemail",
			"companyemail", "geschäftlicheemail", "emailgeschäftlich", "personemailother", "personemailhome", "emailprivat",
		},
		ContactID: {"contactid", "recordid", "leadid", "personid", "id", "kontaktid", "datensatzid", "kundennummer"},
		UserID:    {"userid", "externaluserid", "benutzerid"},
		AnonymousID: {
			"anonymousid", "visitorid", "clientid", "anonymeid",
		},
		FullName: {"name", "fullname", "personname", "contactname", "leadname", "vollername", "vorundnachname", "ansprechpartner", "kontaktname"},
		signal.FieldFirstName: {
			"firstname", "givenname", "forename", "personfirstname", "vorname", "personvorname",
		},
		signal.FieldLastName: {
			"lastname", "surname", "familyname", "personlastname", "nachname", "familienname", "personnachname",
		},
		signal.FieldCompany: {
			"company", "companyname", "companyaccount", "accountname", "organization", "organisation", "personorganization", "personorganisation",
			"organizationname", "associatedcompany", "primaryassociatedcompany", "account", "employer", "firma", "firmenname", "unternehmen", "unternehmensname",
		},
		signal.FieldTitle: {
			"jobtitle", "title", "personjobtitle", "position", "role", "jobposition", "berufsbezeichnung", "funktion", "jobtitel", "stelle",
		},
		signal.FieldPhone: {
			"phone", "phonenumber", "businessphone", "workphone", "personphonework", "personphone", "telephone", "telefon", "telefonnummer", "telefongeschäftlich",
			"mobile", "mobilephone", "mobilephonenumber", "personphonemobile", "cellphone", "mobil", "mobiltelefon", "handy", "rufnummer",
		},
		signal.FieldCountry:   {"country", "countryregion", "countrycode", "mailingcountry", "billingcountry", "land", "ländercode"},
		signal.FieldEmployees: {"employees", "numberofemployees", "noofemployees", "employeecount", "companysize", "mitarbeiter", "mitarbeiterzahl", "anzahlmitarbeiter", "anzahldermitarbeiter"},
		signal.FieldWebsite:   {"website", "websiteurl", "companywebsite", "companydomainname", "url", "homepage", "webseite", "internetseite"},
		signal.FieldIndustry:  {"industry", "companyindustry", "sector", "branche", "industriezweig"},
		signal.FieldPostal:    {"postalcode", "zip", "zipcode", "zippostalcode", "mailingzippostalcode", "plz", "postleitzahl"},
		fieldPrefix + "state": {"state", "stateprovince", "stateregion", "mailingstate", "mailingstateprovince", "province", "bundesland"},
		OccurredAt: {
			"occurredat", "createdat", "createddate", "createdate", "datecreated", "creationdate", "personcreated", "personpersoncreated", "created", "createdon",
			"erstelltam", "erstellungsdatum", "anlagedatum", "angelegtam", "erstellt",
		},
	}
}

// Kind says what a target fills.
type Kind string

// The kinds.
const (
	Field     Kind = "field"     // of the profile
	Attribute Kind = "attribute" // of the signal
)

// Name returns the name of the profile field or the attribute that a target
// fills.
func (t Target) Name() (string, Kind) {
	if name, ok := strings.CutPrefix(string(t), attrPrefix); ok {
		return name, Attribute
	}
	return strings.TrimPrefix(string(t), fieldPrefix), Field
}

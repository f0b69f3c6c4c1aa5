package inbound

import (
	"strings"
	"unicode"

	"github.com/handoff-oss/handoff/shared/signal"
)

// fieldFullName is a whole name, which is split into first and last.
const fieldFullName = "name"

// canonical returns the profile field, or signal.AttrMessage, or
// fieldFullName, that a sender's name for a field means, and "" when it means
// none of them. It knows the names that forms and tools use, in six languages,
// in any case and with any separators: "Work email", "first-name", "jobtitle",
// "E-Mail-Adresse". A name that means different things in two of them is left to
// the policy's fields.
func canonical(name string) string {
	switch squeeze(name) {
	case "email", "emailaddress", "workemail", "workemailaddress", "businessemail", "businessemailaddress", "companyemail", "corporateemail", "mail",
		"emailadresse", "geschäftlicheemail", "adresseemail", "courriel", "emailprofessionnel", "correo", "correoelectrónico", "correoelectronico", "emailadres":
		return signal.FieldEmail
	case "firstname", "givenname", "fname", "first", "forename",
		"vorname", "prénom", "prenom", "nombre", "voornaam", "nome", "primeironome":
		return signal.FieldFirstName
	case "lastname", "surname", "familyname", "lname", "last",
		"nachname", "familienname", "nom", "nomdefamille", "apellido", "apellidos", "achternaam", "cognome", "sobrenome":
		return signal.FieldLastName
	case "name", "fullname", "contactname", "nombrecompleto", "nomcomplet", "nomecompleto", "nomeecognome", "vorundnachname":
		return fieldFullName
	case "company", "companyname", "organization", "organisation", "organizationname", "organisationname", "employer", "business", "businessname",
		"firma", "firmenname", "unternehmen", "entreprise", "société", "societe", "empresa", "bedrijf", "bedrijfsnaam", "azienda":
		return signal.FieldCompany
	case "title", "jobtitle", "role", "jobrole", "position", "jobposition",
		"berufsbezeichnung", "funktion", "fonction", "poste", "cargo", "functie", "ruolo":
		return signal.FieldTitle
	case "phone", "phonenumber", "telephone", "telephonenumber", "tel", "mobile", "mobilephone", "mobilenumber", "mobilephonenumber", "cellphone",
		"workphone", "workphonenumber", "businessphone", "businessphonenumber", "contactnumber",
		"telefon", "telefonnummer", "téléphone", "numérodetéléphone", "teléfono", "telefono", "telefone", "telefoon", "telefoonnummer":
		return signal.FieldPhone
	case "country", "countryregion", "countryorregion", "countryname", "land", "pays", "país", "pais", "paese":
		return signal.FieldCountry
	case "employees", "employeecount", "numberofemployees", "numemployees", "companysize", "headcount", "teamsize",
		"mitarbeiter", "mitarbeiterzahl", "anzahlmitarbeiter", "unternehmensgröße", "nombredemployés", "númerodeempleados":
		return signal.FieldEmployees
	case "website", "companywebsite", "websiteurl", "companyurl", "homepage", "webseite", "siteweb", "sitioweb":
		return signal.FieldWebsite
	case "industry", "companyindustry", "sector", "branche", "industrie", "secteur", "settore":
		return signal.FieldIndustry
	case "message", "comment", "comments", "yourmessage", "howcanwehelp", "howcanwehelpyou", "anythingelse",
		"nachricht", "ihrenachricht", "mensaje", "mensagem", "messaggio", "votremessage":
		return signal.AttrMessage
	}
	return ""
}

// canonicalTitle does the same for the title of a question: "What's your work
// email?", "Your first name *".
func canonicalTitle(title string) string {
	s := strings.ToLower(strings.ReplaceAll(title, "’", "'"))
	if i := strings.IndexByte(s, '?'); i >= 0 {
		s = s[:i]
	}
	for _, lead := range []string{"please", "and", "what is", "what's", "whats", "enter", "tell us", "your", "the name of", "the"} {
		s = strings.TrimPrefix(strings.TrimLeft(s, " ,"), lead+" ")
	}
	return canonical(s)
}

// squeeze keeps letters and digits, in lower case.
func squeeze(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}

// field puts a value where its canonical name says. It reports whether the
// name is a canonical one.
func (d *draft) field(name, value string) bool {
	value = strings.TrimSpace(value)
	switch purpose, consent := strings.CutPrefix(name, signal.AttrConsent); {
	case name == "":
		return false
	case consent && ticked(value):
		d.attributes.put(signal.AttrConsent+purpose, signal.ConsentYes)
		return true
	case consent:
		return true // who leaves a box empty says nothing
	}
	switch name {
	case signal.AttrMessage:
		d.attributes.put(signal.AttrMessage, value)
	case fieldFullName:
		d.fullName(value)
	case signal.FieldEmail:
		if d.identity.Email == "" {
			d.identity.Email = value
		}
	default:
		d.lead.put(name, value)
		if name == signal.FieldPhone && d.identity.Phone == "" {
			d.identity.Phone = value
		}
	}
	return true
}

// ticked tells whether the value of a checkbox says yes. Browsers send nothing of
// an empty one, and form tools a word that says no.
func ticked(value string) bool {
	switch squeeze(value) {
	case "", "0", "false", "no", "off", "none", "unchecked", "nein", "non", "null":
		return false
	}
	return true
}

// fullName splits a whole name at the first space, where the sender gave no
// parts.
func (d *draft) fullName(name string) {
	if d.lead.has(signal.FieldFirstName) || d.lead.has(signal.FieldLastName) {
		return
	}
	before, after, _ := strings.Cut(strings.Join(strings.Fields(name), " "), " ")
	d.lead.put(signal.FieldFirstName, before)
	d.lead.put(signal.FieldLastName, after)
}

// nameless reports whether no identity that a lead's key can be made of is known.
func (d *draft) nameless() bool {
	id := d.identity
	return signal.NormalizeEmail(id.Email) == "" && id.ContactID == "" && id.UserID == "" && id.AnonymousID == ""
}

// submission gives a form's answer that says something about a person, but
// carries no address, an identity of its own: the submission. A phone number
// alone is still somebody who wants to be called.
func (d *draft) submission(id string) {
	if d.nameless() && len(d.lead.values) > 0 && id != "" {
		d.identity.ContactID = "submission:" + id
	}
}

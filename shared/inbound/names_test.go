package inbound_test

import (
	"fmt"
	"testing"

	"github.com/handoff-oss/handoff/shared/inbound"
)

// The names of fields in forms of several languages, and as tools write them.
func TestNamesOfFieldsInManyForms(t *testing.T) {
	for name, want := range map[string]string{
		"E-Mail-Adresse": "email", "Correo electrónico": "email", "Courriel": "email", "WORK_EMAIL": "email", "yourEmail": "email", "What is your work e-mail?": "email",
		"Vorname": "first_name", "Prénom": "first_name", "Nachname": "last_name", "Nom de famille": "last_name", "Apellidos": "last_name",
		"Firma": "company", "Entreprise": "company", "Empresa": "company", "COMPANY_NAME": "company",
		"Telefonnummer": "phone", "Téléphone": "phone", "WORK_PHONE_NUMBER": "phone", "phoneNumber": "phone",
		"Land": "country", "Pays": "country", "Job Title": "title", "Fonction": "title", "Unternehmensgröße": "employees", "Branche": "industry",
	} {
		d, err := parse(t, "webflow", inbound.Forms, fmt.Sprintf(`{"triggerType":"form_submission","payload":{"id":"1","data":{%q:"v@x.example"}}}`, name))
		if err != nil || len(d.Signals) != 1 || d.Signals[0].Lead[want] != "v@x.example" {
			t.Errorf("%q: %v %v", name, d.Signals, err)
		}
	}
}

package welcome

import (
	"crypto/rand"
	"math/big"
	"strings"
)

// person fills in the form: somebody who does not exist, at a company that
// does not exist, under a domain that is reserved for examples (RFC 2606).
type person struct {
	First, Last, Company, Title, Email, Phone string
}

// somebody makes up a person, another one each time.
func somebody() person {
	first := pick("Amara", "Bela", "Chiara", "Dario", "Elif", "Farah", "Goran", "Hana", "Imani", "Jonas", "Keiko", "Lucia", "Mateo", "Nadia", "Oskar", "Priya", "Quinn", "Rosa", "Sanna", "Tomas", "Uma", "Viktor", "Wanda", "Yusuf")
	last := pick("Abara", "Bergman", "Castillo", "Duarte", "Eriksen", "Fontaine", "Grau", "Halloran", "Ivanova", "Jansen", "Kowalski", "Lindqvist", "Moreau", "Nakamura", "Okafor", "Petrov", "Quiroga", "Rahman", "Sorensen", "Tanaka", "Ueda", "Varga", "Weiss", "Zamora")
	name := pick("Alder", "Birchwood", "Cobalt", "Driftwood", "Ember", "Fjord", "Granite", "Harbor", "Indigo", "Juniper", "Kestrel", "Lantern", "Meridian", "Northgate", "Orchard", "Pinecrest", "Quarry", "Redwood", "Saltmarsh", "Tidewater", "Upland", "Vantage", "Willow", "Yarrow")
	trade := pick("Analytics", "Foods", "Freight", "Instruments", "Labs", "Logistics", "Metals", "Robotics", "Software", "Systems", "Textiles", "Works")
	company := name + " " + trade
	return person{
		First: first, Last: last, Company: company,
		Title: pick("VP Sales Operations", "Head of Marketing", "Director of Revenue", "Chief Revenue Officer", "VP Growth"),
		Email: strings.ToLower(first+"."+last) + "@" + strings.ToLower(strings.ReplaceAll(company, " ", "-")) + ".example",
		Phone: "+1 415 555 01" + pick("02", "13", "24", "35", "46", "57", "68", "79"),
	}
}

func pick(from ...string) string {
	n, err := rand.Int(rand.Reader, big.NewInt(int64(len(from))))
	if err != nil { // Never, by the documentation of crypto/rand.
		return from[0]
	}
	return from[n.Int64()]
}

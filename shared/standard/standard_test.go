package standard_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"github.com/handoff-oss/handoff/shared/standard"
)

func Example() {
	book := standard.New(standard.Options{})
	s := book.Of(map[string]string{"country": "Deutschland", "phone": "030 901820", "title": "Leiterin Einkauf", "employees": "51-200"})
	for _, name := range []string{"country", "phone", "seniority", "department", "size"} {
		fmt.Printf("%s %s: %s\n", name, s[name].Value, s[name].How)
	}
	// Output:
	// country DE: A name of Germany, whose ISO 3166-1 code this is.
	// phone +4930901820: Read by the lead's country, Germany.
	// seniority head: "leiterin" says so.
	// department procurement: "einkauf" says so.
	// size 51-200: 51 to 200 employees are in the band 51-200.
}

// given is a value of a field, and what one standard field has to say of it.
type given struct{ text, want string }

func runField(t *testing.T, field, name string, tests []given) {
	t.Helper()
	book := standard.New(standard.Options{})
	for _, tt := range tests {
		got, known := book.Of(map[string]string{field: tt.text})[name]
		if got.Value != tt.want || !known || got.From != tt.text || got.How == "" {
			t.Errorf("%s of %q: %+v, want %q", name, tt.text, got, tt.want)
		}
	}
}

func TestWhatWasDoneToANameIsSaidOnce(t *testing.T) {
	got := standard.New(standard.Options{}).Of(map[string]string{"first_name": "ADA", "last_name": "LOVELACE"})
	for _, name := range []string{standard.FirstName, standard.LastName} {
		if got[name].How != "Capitals were put where names have them." {
			t.Errorf("%s: %+v", name, got[name])
		}
	}
}

// What a number was read by is said as it was: without a region there is none to
// name.
func TestByWhatANumberWasRead(t *testing.T) {
	for _, tt := range []struct{ region, country, text, want string }{
		{"", "", "+49 30 901820", "Read by its country code."},
		{"", "", "Tel.: +49 30 901820", "Read by its country code."},
		{"", "DE", "(+49) 30 901820", "Read by its country code."},
		{"", "Germany", "030 901820", "Read by the lead's country, Germany."},
		{"DE", "", "030 901820", "Read by the policy's region, Germany."},
		{"", "", "030 901820", "No number, because it has no country code, and no country is known."},
	} {
		book := standard.New(standard.Options{PhoneRegion: tt.region})
		if got := book.Of(map[string]string{"phone": tt.text, "country": tt.country})[standard.Phone].How; got != tt.want {
			t.Errorf("%q in %q%s: %q, want %q", tt.text, tt.country, tt.region, got, tt.want)
		}
	}
}

func TestCountry(t *testing.T) {
	runField(t, "country", standard.Country, []given{
		{"DE", "DE"},
		{"de", "DE"},
		{"DEU", "DE"},
		{"Germany", "DE"},
		{"Deutschland", "DE"},
		{"Allemagne", "DE"},
		{"Alemania", "DE"},
		{"BRD", "DE"},
		{"UK", "GB"},
		{"U.K.", "GB"},
		{"England", "GB"},
		{"Great Britain", "GB"},
		{"Großbritannien", "GB"},
		{"Vereinigtes Königreich", "GB"},
		{"USA", "US"},
		{"U.S.A.", "US"},
		{"U. S.", "US"},
		{"the United States of America", "US"},
		{"États-Unis", "US"},
		{"Estados Unidos", "US"},
		{"Österreich", "AT"},
		{"OESTERREICH", ""},
		{"Schweiz", "CH"},
		{"Suisse", "CH"},
		{"Czech Republic", "CZ"},
		{"Czechia", "CZ"},
		{"Türkiye", "TR"},
		{"Turkey", "TR"},
		{"Brasil", "BR"},
		{"España", "ES"},
		{"日本", "JP"},
		{"Россия", "RU"},
		{"South Korea", "KR"},
		{"Korea, Republic of", "KR"},
		{"Côte d’Ivoire", "CI"},
		{"Ivory Coast", "CI"},
		{"Holland", "NL"},
		{"Kosovo", "XK"},
		{"Viet Nam", "VN"},
		{"Korea", ""},
		{"Europe", ""},
		{"XX", ""},
		{"YU", ""},
		{"somewhere", ""},
	})
}

func TestRegion(t *testing.T) {
	tests := []struct{ field, text, country, want, why string }{
		{"state", "California", "USA", "US-CA", "California in United States"},
		{"state", "ca", "US", "US-CA", "California"},
		{"state", "US-CA", "United States", "US-CA", "California"},
		{"state", "US-CA", "", "US-CA", "California"},
		{"state", "Washington D.C.", "US", "US-DC", "District of Columbia"},
		{"region", "Québec", "Canada", "CA-QC", "Quebec"},
		{"bundesland", "Nordrhein-Westfalen", "Deutschland", "DE-NW", "Nordrhein-Westfalen"},
		{"bundesland", "NRW", "DE", "DE-NW", ""},
		{"state", "Bavaria", "DE", "DE-BY", "Bayern"},
		{"state", "Baden-Wuerttemberg", "DE", "DE-BW", ""},
		{"province", "NSW", "Australia", "AU-NSW", ""},
		{"state", "WA", "AU", "AU-WA", "Western Australia"},
		{"state", "WA", "US", "US-WA", "Washington"},
		{"state", "Georgia", "", "", "Without a country"},
		{"state", "Atlantis", "US", "", "no region of United States"},
		{"state", "Lazio", "IT", "", "no list of the regions of Italy"},
	}
	book := standard.New(standard.Options{})
	for _, tt := range tests {
		got := book.Of(map[string]string{tt.field: tt.text, "country": tt.country})[standard.Region]
		if got.Value != tt.want || !strings.Contains(got.How, tt.why) {
			t.Errorf("%q in %q: %+v, want %q", tt.text, tt.country, got, tt.want)
		}
	}
}

func TestSeniority(t *testing.T) {
	runField(t, "title", standard.Seniority, []given{
		{"Responsable marketing", "head"}, //nolint:misspell // French.
		{"Founder & CEO", "owner"},
		{"Inhaberin", "owner"},
		{"Gérant", "owner"},
		{"CEO", "c_level"},
		{"C.E.O.", "c_level"},
		{"Chief Technology Officer", "c_level"},
		{"Geschäftsführer", "c_level"},
		{"Geschaeftsfuehrerin", "c_level"},
		{"Managing Director", "c_level"},
		{"Non-Executive Director", ""},
		{"Executive Director", "c_level"},
		{"Directeur Général", "c_level"},
		{"Directora General", "c_level"},
		{"President", "c_level"},
		{"Vice President, Sales", "vp"},
		{"SVP Engineering", "vp"},
		{"Vicepresidente de Ventas", "vp"},
		{"Director of Marketing", "director"},
		{"Directeur Commercial", "director"},
		{"Managing director and partner", "c_level"},
		{"Bereichsleiter IT", "director"},
		{"Head of Data", "head"},
		{"Vertriebsleiterin", "head"},
		{"Leiter Einkauf", "head"},
		{"Jefe de Compras", "head"},
		{"Qualitätsmanagementleiter", "head"},
		{"Marketing Manager", "manager"},
		{"Senior Manager, Finance", "manager"},
		{"Teamleiter Support", "manager"},
		{"Chef de projet", "manager"},
		{"Gerente de ventas", "manager"},
		{"Senior Software Engineer", "senior"},
		{"Lead Developer", "senior"},
		{"Lead Backend Developer", "senior"},
		{"Principal Engineer", "senior"},
		{"Solutions Architect", "senior"},
		{"Software Engineer", "individual"},
		{"Product Owner", "individual"},
		{"Account Executive", "individual"},
		{"Sachbearbeiterin", "individual"},
		{"Vertriebsingenieur", "individual"},
		{"Développeuse", "individual"},
		{"Junior Product Manager", "entry"},
		{"Assistant to the CEO", "entry"},
		{"Assistenz der Geschäftsführung", "entry"},
		{"Werkstudent", "entry"},
		{"Stagiaire", "entry"},
		{"Student", "entry"},
		{"Executive Assistant", "entry"},
		{"Student Success Manager", "manager"},
		{"Partner", ""},
		{"Principal", ""},
		{"Executive", ""},
		{"Lead", ""},
		{"Chief of Staff", ""},
		{"Chief of Staff to the CEO", ""},
		{"Office of the CEO", ""},
		{"EA to CEO", "entry"},
		{"PA to the Managing Director", "entry"},
		{"Associate", ""},
		{"Board Member", ""},
		{"Rockstar", ""},
		{"Process Owner", "individual"},
		{"c_level", "c_level"},
	})
}

func TestDepartment(t *testing.T) {
	runField(t, "title", standard.Department, []given{
		{"Responsable informatique", "it"}, //nolint:misspell // French.
		{"CEO", "general_management"},
		{"Geschäftsführerin", "general_management"},
		{"CTO & Founder", "engineering"},
		{"CFO", "finance"},
		{"CIO", "it"},
		{"Vice President, Sales", "sales"},
		{"Vertriebsleiterin", "sales"},
		{"Directrice Commerciale", "sales"},
		{"Jefe de Ventas", "sales"},
		{"Product Marketing Manager", "marketing"},
		{"Head of Product", "product"},
		{"Software Engineer", "engineering"},
		{"IT Security Manager", "security"},
		{"IT-Leiter", "it"},
		{"Leiter IT", "it"},
		{"Data Engineer", "data"},
		{"Sales Engineer", "sales"},
		{"IT Project Manager", "it"},
		{"Projektleiter", "project_management"},
		{"Personalreferentin", "hr"},
		{"Personalentwicklerin", "hr"},
		{"HR Business Partner", "hr"},
		{"Leiterin Einkauf", "procurement"},
		{"Contable", "finance"},
		{"Leiter Forschung und Entwicklung", "research"},
		{"R&D Director", "research"},
		{"Head of Customer Success", "customer_success"},
		{"General Counsel", "legal"},
		{"Produktionsplaner", "operations"},
		{"Sales and Marketing Manager", ""},
		{"Manager", ""},
		{"Wizard", ""},
	})
}

func TestIndustry(t *testing.T) {
	runField(t, "industry", standard.Industry, []given{
		{"Software", "software"},
		{"SaaS", "software"},
		{"Information Technology & Services", "software"},
		{"COMPUTER_SOFTWARE", "software"},
		{"Financial Services", "finance_insurance"},
		{"Versicherungen", "finance_insurance"},
		{"Maschinenbau", "manufacturing"},
		{"E-Commerce", "retail_wholesale"},
		{"Großhandel", "retail_wholesale"},
		{"Öffentliche Verwaltung", "public_sector"},
		{"Salud", "healthcare"},
		{"Hospital & Health Care", "healthcare"},
		{"Oil & Gas", "mining"},
		{"Telecom", "telecommunications"},
		{"finance_insurance", "finance_insurance"},
		{"Other", ""},
	})
}

func TestWebsite(t *testing.T) {
	runField(t, "website", standard.Website, []given{
		{"https://www.acme.co.uk/about?x=1", "acme.co.uk"},
		{"acme.com", "acme.com"},
		{"WWW.ACME.COM", "acme.com"},
		{"//shop.acme.com", "acme.com"},
		{"http://bücher.example/", "xn--bcher-kva.example"},
		{"acme.com:8080", "acme.com"},
		{"user@acme.com", "acme.com"},
		{"https://192.0.2.1/", ""},
		{"http://[2001:db8::1]/", ""},
		{"localhost", ""},
		{"co.uk", ""},
		{"none", ""},
		{"https://", ""},
		{"we have no site", ""},
	})
}

func TestMail(t *testing.T) {
	book := standard.New(standard.Options{
		PlusTags: true, Roles: []string{"welcome"}, Free: []string{"local-isp.example"}, Disposable: []string{"gone.example"},
		Business:  []string{"mail.com"},
		Providers: []standard.Provider{{Domains: []string{"gmail.com", "GoogleMail.com"}, IgnoreDots: true, Tag: "+"}, {Domains: []string{"dash.example"}, Tag: "-"}},
	})
	tests := []struct{ text, standard, tag, domain, is string }{
		{" Ada@Acme.COM ", "ada@acme.com", "", "acme.com", "business"},
		{"ada+news@acme.com", "ada@acme.com", "news", "acme.com", "business"},
		{"+news@acme.com", "+news@acme.com", "", "acme.com", "business"},
		{"A.d.a+x@googlemail.com", "ada@gmail.com", "x", "googlemail.com", "free"},
		{"ada-x@dash.example", "ada@dash.example", "", "dash.example", "business"},
		{"ada@mail.bücher.example", "ada@mail.xn--bcher-kva.example", "", "bücher.example", "business"},
		{"ａｄａ@acme.com", "ada@acme.com", "", "acme.com", "business"},
		{"ada@yahoo.co.uk", "ada@yahoo.co.uk", "", "yahoo.co.uk", "free"},
		{"ada@local-isp.example", "ada@local-isp.example", "", "local-isp.example", "free"},
		{"ada@sub.yopmail.com", "ada@sub.yopmail.com", "", "yopmail.com", "disposable"},
		{"ada@gone.example", "ada@gone.example", "", "gone.example", "disposable"},
		{"ada@mail.com", "ada@mail.com", "", "mail.com", "business"},
		{"info@acme.com", "info@acme.com", "", "acme.com", "business role"},
		{"info+x@acme.com", "info@acme.com", "x", "acme.com", "business role"},
		{"welcome@acme.com", "welcome@acme.com", "", "acme.com", "business role"},
		{"vertrieb@acme.de", "vertrieb@acme.de", "", "acme.de", "business role"},
		{"ada@localhost", "ada@localhost", "", "localhost", "business"},
		{"no address", "", "", "", ""},
	}
	for _, tt := range tests {
		m := book.Mail(tt.text)
		var is []string
		for word, yes := range map[string]bool{"business": m.Business, "free": m.Free, "disposable": m.Disposable, "role": m.Role} {
			if yes {
				is = append(is, word)
			}
		}
		slices.Sort(is)
		if m.Standard != tt.standard || m.Tag != tt.tag || m.Domain != tt.domain || strings.Join(is, " ") != tt.is {
			t.Errorf("%q: %+v, want %+v", tt.text, m, tt)
		}
	}
	if m := standard.New(standard.Options{}).Mail("ada+news@gmail.com"); m.Standard != "ada+news@gmail.com" || m.Tag != "news" {
		t.Errorf("without rules: %+v", m)
	}
}

func TestNames(t *testing.T) {
	tests := []struct{ first, last, want string }{
		{"Ada", "Lovelace", "Ada|Lovelace||"},
		{"ADA", "LOVELACE", "Ada|Lovelace||"},
		{"ada", "o'neil", "Ada|O'Neil||"},
		{"IAN", "MCDONALD", "Ian|McDonald||"},
		{"Ian", "McDonald", "Ian|McDonald||"},
		{"jean-luc", "de la fontaine", "Jean-Luc|de la Fontaine||"},
		{"ANNA", "VAN DER BERG", "Anna|van der Berg||"},
		{"ANNA", "van der BERG", "Anna|van der Berg||"},
		{"Jan van DIJK", "", "Jan|van Dijk||"},
		{"Jan", "van J", "Jan|van J||"},
		{"Lovelace,", "Ada", "Ada|Lovelace||"},
		{"Lovelace, Ada", "", "Ada|Lovelace||"},
		{"", "Lovelace, Ada", "Ada|Lovelace||"},
		{"van", "der Berg, Anna", "Anna|van der Berg||"},
		{"John", "Smith, Jr.", "John|Smith||Jr."},
		{"John", "Smith PhD", "John|Smith||PhD"},
		{"Dr. Ada", "Lovelace", "Ada|Lovelace|Dr.|"},
		{"Dr.", "Ada Lovelace", "Ada|Lovelace|Dr.|"},
		{"Prof. Dr. Ada", "Lovelace", "Ada|Lovelace|Prof. Dr.|"},
		{"Herr", "Müller", "|Müller|Herr|"},
		{"Ada Lovelace", "", "Ada|Lovelace||"},
		{"John Q. Public", "", "John|Public||"},
		{"Ludwig van Beethoven", "", "Ludwig|van Beethoven||"},
		{"Maria Carmen Garcia Lopez", "", "|||"},
		{"", "Garcia Lopez", "|Garcia Lopez||"},
		{"JT", "SMITH", "JT|Smith||"},
		{"Ada", "", "Ada|||"},
		{"伟", "李", "伟|李||"},
		{"Dr.", "", "Dr.|||"},
	}
	book := standard.New(standard.Options{})
	for _, tt := range tests {
		s := book.Of(map[string]string{"first_name": tt.first, "last_name": tt.last})
		got := strings.Join([]string{s["first_name"].Value, s["last_name"].Value, s["name_title"].Value, s["name_suffix"].Value}, "|")
		if want := strings.ReplaceAll(tt.want, "John|Public", "John Q.|Public"); got != want {
			t.Errorf("%q %q: %q, want %q (%s)", tt.first, tt.last, got, want, s["first_name"].How)
		}
	}
	if s := book.Of(map[string]string{"first_name": "Maria Carmen Garcia Lopez"}); !strings.Contains(s["first_name"].How, "four words") {
		t.Errorf("an unclear name: %+v", s)
	}
}

func TestPhone(t *testing.T) {
	tests := []struct{ text, country, region, want, how string }{
		{"+49 30 901820", "USA", "FR", "+4930901820", "its country code"},
		{"030 901820", "Germany", "US", "+4930901820", "the lead's country, Germany"},
		{"(650) 253-0000 x7", "", "US", "+16502530000", "the policy's region, United States"},
		{"650 253 0000", "", "", "", "no country is known"},
		{"650 253 0000", "nowhere", "", "", "no country is known"},
		{"n/a", "US", "", "", "other characters"},
	}
	for _, tt := range tests {
		s := standard.New(standard.Options{PhoneRegion: tt.region}).Of(map[string]string{"phone": tt.text, "country": tt.country})
		if got := s[standard.Phone]; got.Value != tt.want || !strings.Contains(got.How, tt.how) {
			t.Errorf("%q in %q: %+v, want %+v", tt.text, tt.country, got, tt)
		}
		if ext := s[standard.PhoneExtension].Value; strings.Contains(tt.text, "x7") != (ext == "7") {
			t.Errorf("%q: extension %q", tt.text, ext)
		}
	}
}

func TestOnly(t *testing.T) {
	book := standard.New(standard.Options{})
	profile := map[string]string{"first_name": "Ada", "email": "ada@acme.com", "title": "CEO", "phone": "+4930901820", "country": "DE", "employees": "12"}
	all := book.Of(profile)
	for name := range all {
		if got := book.Of(profile, name); got[name] != all[name] {
			t.Errorf("%s alone: %+v, want %+v", name, got[name], all[name])
		}
	}
	if got := book.Of(profile, "nothing"); len(got) != 0 {
		t.Errorf("%+v", got)
	}
}

// profiles draws profiles of the kind that forms send.
func profiles() *rapid.Generator[map[string]string] {
	word := rapid.OneOf(
		rapid.SampledFrom([]string{
			"Ada Lovelace", "LOVELACE, ADA", "van der Berg", "O'NEIL", "McDonald", "Dr. Müller", "Smith, Jr.", "ada+x@gmail.com", "info@bücher.example",
			"+49 30 901820", "(650) 253-0000 ext 3", "030/901820", "Vertriebsleiterin", "Senior Lead Developer", "Head of Sales & Marketing", "U.S.A.", "Deutschland",
			"NRW", "51-200", "10k+", "https://www.acme.co.uk", "Software / SaaS", "J.T.", "ŉ", "ß", "ǅ", "İ", "ﬁ", "Ⅷ",
		}),
		rapid.StringN(0, 20, 60), rapid.StringMatching(`[A-Za-zÄÖÜéñ.,'’ -]{1,24}`),
	)
	fields := []string{"first_name", "last_name", "email", "phone", "title", "country", "state", "industry", "employees", "website"}
	return rapid.MapOfN(rapid.SampledFrom(fields), word, 0, len(fields))
}

// A standard value is its own standard value.
func TestIdempotent(t *testing.T) {
	book := standard.New(standard.Options{PlusTags: true, PhoneRegion: "DE", Providers: []standard.Provider{{Domains: []string{"gmail.com"}, IgnoreDots: true, Tag: "+"}}})
	from := map[string]string{"first_name": "first_name", "last_name": "last_name", "email": "email", "phone": "phone", "country": "country", "state": "region", "industry": "industry", "employees": "size", "website": "website"}
	rapid.Check(t, func(t *rapid.T) {
		s := book.Of(profiles().Draw(t, "profile"))
		again := values(s, from)
		got := book.Of(again)
		for field, name := range from {
			if want := again[field]; want != "" && got[name].Value != want {
				t.Fatalf("%s: %q becomes %q (%s)", name, want, got[name].Value, got[name].How)
			}
		}
		levelsKeep(t, book, s)
	})
}

// values are the standard values as a profile. Half a name may still be split,
// and is left out.
func values(s standard.Standard, from map[string]string) map[string]string {
	out := map[string]string{}
	for field, name := range from {
		half := strings.HasSuffix(name, "_name") && (s["first_name"].Value == "" || s["last_name"].Value == "")
		if s[name].Value != "" && !half {
			out[field] = s[name].Value
		}
	}
	return out
}

// levelsKeep checks that a seniority and a department are among those that
// there are, and mean themselves as a title.
func levelsKeep(t *rapid.T, book *standard.Book, s standard.Standard) {
	for _, level := range []string{standard.Seniority, standard.Department} {
		v := s[level].Value
		if v != "" && (!slices.Contains(standard.Values(level), v) || book.Of(map[string]string{"title": v})[level].Value != v) {
			t.Fatalf("%s is %q", level, v)
		}
	}
}

// How a text is composed, and for what is no name its case, does not matter.
func TestInvariant(t *testing.T) {
	book := standard.New(standard.Options{PhoneRegion: "DE"})
	rapid.Check(t, func(t *rapid.T) {
		profile := profiles().Draw(t, "profile")
		for _, change := range []func(string) string{norm.NFC.String, norm.NFD.String, func(s string) string { return " " + s + "\t" }} {
			same(t, book, profile, change, standard.Names())
		}
		ascii := func(s string) bool { return !strings.ContainsFunc(s, func(r rune) bool { return r > 127 }) }
		maps.DeleteFunc(profile, func(_, v string) bool { return !ascii(v) })
		for _, change := range []func(string) string{strings.ToUpper, strings.ToLower} {
			same(t, book, profile, change, []string{standard.Email, standard.Phone, standard.Seniority, standard.Department, standard.Country, standard.Region, standard.Industry, standard.Size, standard.Website})
		}
	})
}

func same(t *rapid.T, book *standard.Book, profile map[string]string, change func(string) string, names []string) {
	other := map[string]string{}
	for k, v := range profile {
		other[k] = change(v)
	}
	a, b := book.Of(profile), book.Of(other)
	for _, name := range names {
		if a[name].Value != b[name].Value {
			t.Fatalf("%s: %q of %q, %q of %q", name, a[name].Value, profile, b[name].Value, other)
		}
	}
}

func FuzzOf(f *testing.F) {
	for _, seed := range []string{"", "Ada Lovelace", "LOVELACE, DR. ADA, JR.", "\xff\x00", "+49 (0)30", "c_level", "<50", "1,2,3-", "http://[::1", ",", "' ' '", "İ"} {
		f.Add(seed, seed)
	}
	book := standard.New(standard.Options{PhoneRegion: "US", PlusTags: true})
	f.Fuzz(func(t *testing.T, a, b string) {
		profile := map[string]string{"last_name": b, "state": b}
		for _, field := range []string{"first_name", "email", "phone", "title", "country", "industry", "employees", "website"} {
			profile[field] = a
		}
		for name, field := range book.Of(profile) {
			if field.From == "" || field.How == "" || !slices.Contains(standard.Names(), name) {
				t.Fatalf("%s: %+v", name, field)
			}
		}
	})
}

func BenchmarkOf(b *testing.B) {
	book := standard.New(standard.Options{})
	profile := map[string]string{
		"first_name": "ADA", "last_name": "LOVELACE", "email": "ada@mail.acme.co.uk", "title": "Vice President, Sales & Marketing", "country": "Deutschland",
		"industry": "Computer Software", "employees": "51-200", "website": "https://www.acme.co.uk", "phone": "030 901820", "state": "Bavaria",
	}
	for _, only := range [][]string{{}, {standard.Phone}, {standard.Seniority}, {standard.Seniority, standard.Department, standard.Industry}} {
		b.Run(strings.Join(only, "+"), func(b *testing.B) {
			for b.Loop() {
				book.Of(profile, only...)
			}
		})
	}
}

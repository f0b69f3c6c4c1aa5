package account_test

import (
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"github.com/handoff-oss/handoff/shared/account"
)

func TestNormal(t *testing.T) {
	tests := []struct{ name, want string }{
		{"", ""},
		{"  ", ""},
		{"&", ""},
		{"Acme", "acme"},
		{"ACME, Inc.", "acme"},
		{"Acme Incorporated", "acme"},
		{"acme  ltd", "acme"},
		{"Acme L.L.C.", "acme"},
		{"Atlassian Pty Ltd", "atlassian"},
		{"Tata Pvt. Ltd.", "tata"},
		{"Infosys Private Limited", "infosys"},
		{"Sime Darby Sdn. Bhd.", "sime darby"},
		{"Huawei Technologies Co., Ltd.", "huawei technologies"},
		{"The Coca-Cola Company", "coca cola"},
		{"Bain & Company", "bain"},
		{"Smith P.C.", "smith"},
		{"Müller GmbH & Co. KG", "muller"},
		{"Fresenius SE & Co. KGaA", "fresenius"},
		{"Bosch GmbH Stuttgart", "bosch stuttgart"},
		{"Straße und Söhne mbH", "strasse sohne"},
		{"Turnverein Bonn e.V.", "turnverein bonn"},
		{"Nestlé S.A.", "nestle"},
		{"Société Générale S. A.", "societe generale"},
		{"Dupont et Fils SARL", "dupont fils"},
		{"L'Oréal", "loreal"},
		{"Fiat S.p.A.", "fiat"},
		{"FIAT SPA", "fiat"},
		{"Grupo Bimbo, S.A.B. de C.V.", "grupo bimbo"},
		{"Petrobras S/A", "petrobras"},
		{"ING Groep N.V.", "ing groep"},
		{"Philips BV", "philips"},
		{"AB Volvo", "volvo"},
		{"Volvo AB (publ)", "volvo"},
		{"Nokia Oyj", "nokia"},
		{"A.P. Møller - Mærsk A/S", "ap moller maersk"},
		{"Allegro Sp. z o.o.", "allegro"},
		{"Škoda Auto a.s.", "skoda auto"},
		{"Alza spol. s r.o.", "alza"},
		{"ООО Газпром", "газпром"},
		{"PT Astra International Tbk", "astra international"},
		{"Toyota K.K.", "toyota"},
		{"株式会社トヨタ", "トヨタ"},
		{"トヨタ自動車 株式会社", "トヨタ自動車"},
		{"㈱日立", "日立"},
		{"삼성전자 주식회사", "삼성전자"},
		{"ＡＣＭＥ　Ｉｎｃ", "acme"}, // full width
		{"Procter & Gamble", "procter gamble"},
		{"Procter and Gamble", "procter gamble"},
		{"J. P. Morgan", "jp morgan"},
		{"3M", "3m"},
		{"Ærø Œuvre Łódź Đại Þór Kadın", "aero oeuvre lodz dai thor kadin"},
		{"OOO The Bell", "bell"},
		// More of what ISO 20275 lists, by country.
		{"Acme Company Limited", "acme"},
		{"Acme (Pty) Ltd", "acme"},
		{"Acme Proprietary Limited", "acme"},
		{"Acme (P) Ltd", "acme"},
		{"Acme Public Company Limited", "acme"},
		{"Construction Acme Ltée", "construction acme"},
		{"Acme Gesellschaft mit beschränkter Haftung", "acme"},
		{"Acme Ges.m.b.H.", "acme"},
		{"Acme UG (haftungsbeschränkt) & Co. KG", "acme"},
		{"Acme GmbH i.L.", "acme"},
		{"Acme S.à r.l.", "acme"},
		{"Acme Société à responsabilité limitée", "acme"},
		{"ACME SAS", "acme"},
		{"Acme Coöperatie U.A.", "acme"},
		{"Acme VZW", "acme"},
		{"Acme S.r.l. Unipersonale", "acme"},
		{"Acme Soc. Coop. a r.l.", "acme"},
		{"Acme Società per azioni", "acme"},
		{"Acme Sociedad Anónima", "acme"},
		{"Acme Unipessoal Lda", "acme"},
		{"Acme Ltda - ME", "acme"},
		{"Acme S.A.S. de C.V.", "acme"},
		{"Acme C.A.", "acme"},
		{"Acme AS", "acme"},
		{"Acme ApS", "acme"},
		{"Acme P/S", "acme"},
		{"Oy Acme Ab", "acme"},
		{"Acme Abp", "acme"},
		{"Acme Spółka z ograniczoną odpowiedzialnością", "acme"},
		{"Acme Sp. z o.o. Sp. k.", "acme"},
		{"Acme d.o.o.", "acme"},
		{"Acme j.d.o.o.", "acme"},
		{"Акме ЕООД", "акме"},
		{"ИП Акме", "акме"},
		{"ПрАТ Акме", "акме"},
		{"Acme San. ve Tic. Ltd. Şti.", "acme"},
		{"Ακμή Ε.Π.Ε.", "ακμη"},
		{"(有)アクメ", "アクメ"},
		{"医療法人アクメ", "アクメ"},
		{"阿克米股份有限公司", "阿克米"},
		{"(유)아크메", "아크메"},
		{"Công ty TNHH Acme", "acme"},
		{"Công ty Cổ phần Acme", "acme"},
		{"บริษัท แอคมี จำกัด (มหาชน)", "แอคมี"},
		{"אקמי בע\"מ", "אקמי"},
		{"شركة أكمي ذ.م.م", "أكمي"},
		{"Acme FZ-LLC", "acme"},
		{"Acme Sdn Berhad", "acme"},
		{"Cong Ty", "cong ty"},
		{"The CC Club", "cc club"},
		{"Pacific Gas CA", "pacific gas ca"},
		// What looks like a legal form and is none.
		{"Elements Day Spa", "elements day spa"},
		{"San Diego Zoo", "san diego zoo"},
		{"SC Johnson", "sc johnson"},
		{"AS Roma", "as roma"},
		{"PT Solutions", "pt solutions"},
		{"Tesla EV", "tesla ev"},
		{"Incorta", "incorta"},
		{"Coca", "coca"},
		{"E.T. Solutions", "et solutions"},
		// Something is left of everything.
		{"The Limited", "limited"},
		{"The The", "the"},
		{"GmbH & Co. KG", "gmbh and co kg"},
		{"Company", "company"},
	}
	for _, tt := range tests {
		if got := account.Normal(tt.name); got != tt.want {
			t.Errorf("Normal(%q) = %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestNormalHasALimit(t *testing.T) {
	const most = 160
	for _, name := range []string{strings.Repeat("a", 10_000), strings.Repeat("ﷺ ", 500), strings.Repeat("무역 ", 500)} {
		if got := account.Normal(name); got == "" || len(got) > most {
			t.Errorf("Normal of %d bytes has %d", len(name), len(got))
		}
	}
}

// names draws names: of words that rules are about, and of any characters.
func names() *rapid.Generator[string] {
	words := rapid.SampledFrom([]string{
		"Acme", "Brick", "acme", "Delta", "Airlines", "Bank", "of", "The", "the", "and", "&", "et", "und", "Inc.", "GmbH", "Co.", "KG", "S.A.", "de",
		"C.V.", "AB", "A/S", "S.", "p.", "A.", "PT", "OOO", "Sp.", "z", "o.o.", "SPA", "spa", "Spa", "e.V.", "EV", "株式会社", "トヨタ株式会社", "Müller", "ß", "İ",
		"Group", "International", "54", "3M", "-", "/", "'s", "L'", "(publ)", "Limited", "Company",
	})
	made := rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(words, 0, 7).Draw(t, "words"), rapid.SampledFrom([]string{" ", ".", "", ", "}).Draw(t, "between"))
	})
	return rapid.OneOf(made, rapid.String(), rapid.StringOfN(rapid.RuneFrom([]rune("abAB.&/' éß")), 0, 12, -1))
}

func TestNormalChangesANameOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := names().Draw(t, "name")
		once := account.Normal(name)
		if twice := account.Normal(once); twice != once {
			t.Errorf("%q, then %q", once, twice)
		}
		if once == "" && strings.ContainsFunc(norm.NFKD.String(name), unicode.IsLetter) {
			t.Errorf("nothing is left of %q", name)
		}
		if strings.Contains(once, "#") || once != strings.TrimSpace(once) {
			t.Errorf("%q is not made of words", once)
		}
	})
}

func FuzzNormal(f *testing.F) {
	for _, seed := range []string{"Acme Inc.", "S.p.A.", "GmbH & Co. KG", "㈱日立", "\xff", "\xf1Ǉ", "ʼ", "İİ", "A/S/A"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		once := account.Normal(name)
		if twice := account.Normal(once); twice != once {
			t.Errorf("%q, then %q", once, twice)
		}
	})
}

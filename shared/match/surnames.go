package match

// frequent tells whether a family name is one that so many people have that two
// of them may well work at one company.
//
// The names are the most frequent of the United States by the 2010 census (U.S.
// Census Bureau, "Frequently Occurring Surnames", in the public domain), and by
// general knowledge those of other countries whose people fill in our forms.
func frequent(family string) bool {
	switch family {
	case "smith", "johnson", "williams", "brown", "jones", "garcia", "miller", "davis", "rodriguez", "martinez", "hernandez", "lopez", "gonzalez",
		"wilson", "anderson", "thomas", "taylor", "moore", "jackson", "martin", "lee", "perez", "thompson", "white", "harris", "sanchez", "clark",
		"ramirez", "lewis", "robinson", "walker", "young", "allen", "king", "wright", "scott", "torres", "nguyen", "hill", "flores", "green",
		"adams", "nelson", "baker", "hall", "rivera", "campbell", "mitchell", "carter", "roberts", // United States
		"evans", "hughes", "edwards", "morris", "patel", "khan", "murphy", "kelly", // British Isles
		"muller", "mueller", "schmidt", "schneider", "fischer", "weber", "meyer", "wagner", "becker", "schulz", "hoffmann", "koch", "bauer", // German
		"dubois", "durand", "moreau", "petit", "robert", "richard", "bernard", "rossi", "russo", "ferrari", "bianchi", // French, Italian
		"fernandez", "gomez", "silva", "santos", "oliveira", "pereira", "costa", // Iberian, Latin American
		"jansen", "devries", "bakker", "andersson", "johansson", "hansen", "nielsen", "jensen", "olsen", // Dutch, Nordic
		"nowak", "kowalski", "novak", "ivanov", "ivanova", "yilmaz", "kaya", // Eastern European, Turkish
		"wang", "li", "zhang", "liu", "chen", "yang", "huang", "zhao", "wu", "kim", "park", "choi", "tanaka", "sato", "suzuki", "tran", // East Asian
		"singh", "kumar", "sharma", "gupta", "ali", "ahmed", "hassan", "mohamed", "cohen", "levy": // South Asian, Middle Eastern
		return true
	}
	return false
}

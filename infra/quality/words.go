package main

// The words that people and companies are made of. Given names come with their
// sex, so that a family has a father and a son. Family names are the frequent
// ones of a country and, for all who have a rare one, a beginning and an end.

// country is where people and companies are, and how they are called there.
type country struct {
	code      string // ISO 3166-1
	area      string // the country's calling code
	trunk     string // what stands before a number at home
	tld       string
	men       []string
	women     []string
	frequent  []string // family names
	begin     []string // of rare ones
	end       []string
	forms     []string // legal forms
	trades    []string // what companies do, as they put it in their name
	freeMail  []string
	ascii     map[string]string // how accents are lost on a foreign keyboard
	mobile    []string          // prefixes of mobile numbers
	landline  []string
	remaining int // digits behind the prefix
}

func countries() []country {
	return []country{germany(), america(), france()}
}

func germany() country {
	return country{
		code: "DE", area: "+49", trunk: "0", tld: "de",
		men: []string{
			"Thomas", "Michael", "Andreas", "Stefan", "Christian", "Jürgen", "Jörg", "Matthias", "Daniel", "Maximilian", "Alexander", "Sebastian",
			"Johannes", "Tobias", "Florian", "Björn", "Günther", "Ulrich", "Klaus", "Wolfgang", "Philipp", "Benjamin", "Martin", "Lukas", "Friedrich",
		},
		women: []string{
			"Sabine", "Susanne", "Katharina", "Stefanie", "Daniela", "Christina", "Elisabeth", "Jana", "Anna", "Maria", "Käthe", "Ulrike", "Martina",
			"Alexandra", "Julia", "Sarah", "Laura", "Birgit", "Heike", "Jasmin", "Annika", "Franziska", "Gisela", "Margarete", "Nicole",
		},
		frequent: []string{"Müller", "Schmidt", "Schneider", "Fischer", "Weber", "Meyer", "Wagner", "Becker", "Schulz", "Hoffmann", "Koch", "Bauer"},
		begin: []string{
			"Stein", "Krä", "Wald", "Hell", "Bruck", "Eich", "Lind", "Grün", "Rosen", "Königs", "Holz", "Mühl", "Schön", "Stock", "Ditt", "Ober",
			"Ruhl", "Sauer", "Tann", "Vier", "Wört", "Zimmer", "Hacken", "Löwen", "Pfaff", "Quand", "Bär", "Feld", "Gött", "Nieder",
		},
		end: []string{
			"bach", "berg", "mann", "meier", "hausen", "stein", "feld", "mer", "ler", "wald", "kamp", "hofer", "brock", "egger", "ing", "rich", "huber", "thal",
		},
		forms:    []string{"GmbH", "AG", "GmbH & Co. KG", "SE", "KG", "UG", "e.K."},
		trades:   []string{"Logistik", "Software", "Maschinenbau", "Versicherung", "Energie", "Medizintechnik", "Verlag", "Bau", "Elektronik", "Beratung"},
		freeMail: []string{"gmail.com", "gmx.de", "web.de", "t-online.de", "outlook.de"},
		ascii:    map[string]string{"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"},
		mobile:   []string{"151", "160", "170", "172", "175", "176"}, landline: []string{"30", "40", "69", "89"}, remaining: 8,
	}
}

func america() country {
	return country{
		code: "US", area: "+1", tld: "com",
		men: []string{
			"James", "Robert", "John", "Michael", "William", "David", "Richard", "Joseph", "Thomas", "Christopher", "Charles", "Daniel", "Matthew",
			"Anthony", "Steven", "Andrew", "Kenneth", "Joshua", "Edward", "Timothy", "Jeffrey", "Nicholas", "Samuel", "Gregory", "Frank", "Raymond",
		},
		women: []string{
			"Mary", "Patricia", "Jennifer", "Elizabeth", "Barbara", "Susan", "Jessica", "Sarah", "Margaret", "Kimberly", "Deborah", "Stephanie",
			"Rebecca", "Catherine", "Christine", "Samantha", "Katherine", "Emma", "Victoria", "Kathleen", "Amanda", "Dorothy", "Melissa", "Joan", "Erin",
		},
		frequent: []string{"Smith", "Johnson", "Williams", "Brown", "Jones", "Garcia", "Miller", "Davis", "Martinez", "Wilson", "Anderson", "Taylor", "Lee"},
		begin: []string{
			"Ash", "Black", "Bright", "Carl", "Cran", "Drum", "Fair", "Gold", "Hart", "Kings", "Lang", "Mar", "Nor", "Oak", "Pem", "Rad", "Shel",
			"Thorn", "Under", "Whit", "Wood", "Brad", "Hol", "Strath", "Wes", "Kil", "Mac", "Del", "Har", "Pen",
		},
		end: []string{
			"ford", "ton", "ley", "worth", "well", "field", "wood", "bury", "combe", "man", "shaw", "brook", "ridge", "more", "den", "by", "stead", "kins",
		},
		forms:    []string{"Inc.", "LLC", "Corp.", "Corporation", "Co.", "Ltd.", "Incorporated"},
		trades:   []string{"Logistics", "Software", "Industries", "Insurance", "Energy", "Medical", "Media", "Construction", "Electronics", "Consulting"},
		freeMail: []string{"gmail.com", "yahoo.com", "outlook.com", "icloud.com", "aol.com"},
		mobile:   []string{"415", "212", "312", "617", "206"}, landline: []string{"415", "212", "312", "617", "206"}, remaining: 7,
	}
}

func france() country {
	return country{
		code: "FR", area: "+33", trunk: "0", tld: "fr",
		men: []string{
			"Jean", "Pierre", "Michel", "André", "Philippe", "François", "Jérôme", "Stéphane", "Frédéric", "Nicolas", "Sébastien", "Rémi", "Benoît",
			"Antoine", "Mathieu", "Guillaume", "Julien", "Étienne", "Gérard", "Alexandre", "Thierry", "Xavier", "Loïc", "Hervé", "Cédric",
		},
		women: []string{
			"Marie", "Nathalie", "Isabelle", "Sylvie", "Catherine", "Hélène", "Stéphanie", "Céline", "Amélie", "Chloé", "Émilie", "Aurélie",
			"Françoise", "Monique", "Valérie", "Sandrine", "Camille", "Élodie", "Mélanie", "Béatrice", "Agnès", "Noémie", "Delphine", "Laetitia", "Inès",
		},
		frequent: []string{"Martin", "Bernard", "Robert", "Richard", "Durand", "Dubois", "Moreau", "Petit"},
		begin: []string{
			"Beau", "Mont", "Château", "Bel", "Cour", "Font", "Gré", "Haut", "La", "Mar", "Noir", "Per", "Roche", "Saint", "Tour", "Val", "Vill", "Bois",
			"Char", "Des", "Flo", "Guil", "Laf", "Mé", "Pré", "Rou", "Sau", "Tré", "Vau", "Bré",
		},
		end: []string{
			"mont", "champ", "ville", "court", "neuf", "blanc", "taine", "lier", "chet", "rand", "vière", "bois", "fort", "ron", "sin", "let", "gnac", "rière",
		},
		forms:    []string{"SA", "SAS", "SARL", "S.A.", "S.A.R.L.", "SASU"},
		trades:   []string{"Logistique", "Logiciels", "Industrie", "Assurances", "Énergie", "Santé", "Médias", "Construction", "Électronique", "Conseil"},
		freeMail: []string{"gmail.com", "orange.fr", "free.fr", "laposte.net", "outlook.fr"},
		mobile:   []string{"61", "62", "66", "76"}, landline: []string{"14", "15", "47", "55"}, remaining: 7,
	}
}

// brands are what companies are called beside what they do.
func brands() (begin, end []string) {
	begin = []string{
		"Nord", "Alta", "Vero", "Quan", "Blue", "Tele", "Omni", "Hel", "Astra", "Cor", "Delta", "Ever", "Fero", "Gala", "Hydro", "Inter", "Jade", "Kron",
		"Lumi", "Magna", "Neo", "Opti", "Pro", "Rapid", "Sol", "Terra", "Uni", "Vita", "West", "Zen", "Arc", "Bio", "Cyan", "Dyna", "Eco", "Flex",
	}
	end = []string{
		"stern", "vista", "dyne", "tum", "ridge", "com", "nova", "ios", "lis", "tex", "point", "green", "nor", "via", "tech", "port", "line", "force",
		"max", "gate", "pace", "wave", "core", "mark", "path", "star", "field", "zon", "ra", "tis",
	}
	return begin, end
}

func titles() []string {
	return []string{
		"Head of Procurement", "IT Manager", "CTO", "CEO", "Marketing Director", "Operations Manager", "Buyer", "Software Engineer", "CFO", "Project Manager",
		"Plant Manager", "Head of Sales", "Data Analyst", "Office Manager", "VP Engineering",
	}
}

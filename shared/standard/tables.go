package standard

import _ "embed"

// The tables are sorted lines of a folded text, a tab, and what it means; see
// package sorted. Those without another source are ours.
var (
	// countries is made by the test from the names that CLDR has (Unicode License), as golang.org/x/text/language/display
	// carries them: that package decodes them all when a process starts.
	//
	//go:embed tables/countries.txt
	countries string
	//go:embed tables/country_aliases.txt
	countryAliases string
	// regions has ISO 3166-2 codes by the code of the country and the name.
	//
	//go:embed tables/regions.txt
	regions string
	// industries names the sections of NACE Rev. 2 (Eurostat), the same as those of ISIC Rev. 4.
	//
	//go:embed tables/industries.txt
	industries string
	//go:embed tables/seniority.txt
	seniorities string
	//go:embed tables/departments.txt
	departments string
	// roles has those of RFC 2142 and what companies use besides, in some languages.
	//
	//go:embed tables/roles.txt
	roleAddresses string
	//go:embed tables/free_mail.txt
	freeMail string
	// disposable is the list of https://github.com/disposable-email-domains/disposable-email-domains (CC0, its package for
	// Python MIT); "make mail-lists" fetches the newest.
	//
	//go:embed tables/disposable.txt
	disposable string
)

package account

// isShared tells whether the addresses under a domain belong to many
// companies, although no list of free-mail providers has it.
func isShared(domain string) bool {
	switch domain {
	case "onmicrosoft.com", "appleid.com", "duck.com", "mozmail.com":
		return true
	}
	return false
}

// isHostOfSites tells whether companies have their pages under a domain that
// is not theirs: social networks, directories, builders of sites, shops. Those
// that give each customer a name of its own are in the public suffix list.
func isHostOfSites(domain string) bool {
	switch domain {
	case "about.me", "amazon.com", "angel.co", "apple.com", "behance.net", "bit.ly", "business.site", "crunchbase.com",
		"dribbble.com", "ebay.com", "etsy.com", "facebook.com", "fb.com", "fb.me", "flickr.com", "github.com", "gitlab.com",
		"goo.gl", "google.com", "hubspotpagebuilder.com", "indiamart.com", "instagram.com", "jimdo.com", "jimdosite.com",
		"kununu.com", "linkedin.com", "linktr.ee", "lnkd.in", "medium.com", "meetup.com", "notion.so", "pinterest.com",
		"reddit.com", "snapchat.com", "squarespace.com", "strikingly.com", "substack.com", "t.me", "telegram.me",
		"tiktok.com", "tumblr.com", "twitter.com", "vimeo.com", "vk.com", "wa.me", "weebly.com", "wellfound.com",
		"whatsapp.com", "wikipedia.org", "wix.com", "wordpress.com", "x.com", "xing.com", "yelp.com", "youtu.be", "youtube.com":
		return true
	}
	return false
}

// isMailHost tells whether people write their mail provider where a company
// or its website is asked for. Addresses are judged by the policy's own lists.
func isMailHost(name string) bool {
	switch name {
	case "aol.com", "gmail", "gmail.com", "gmx.com", "gmx.de", "gmx.net", "googlemail.com", "hotmail", "hotmail.com",
		"icloud", "icloud.com", "live.com", "mail.ru", "me.com", "outlook.com", "proton.me", "protonmail.com", "qq.com", "web.de",
		"yahoo.com", "yandex.ru", "ymail.com", "163.com", "126.com":
		return true
	}
	return false
}

// isPlaceholder tells whether a normalized name is what people write where
// they have no company or do not want to name it. Without this, all who are
// self-employed would belong to one company.
func isPlaceholder(normal string) bool {
	switch normal {
	case "", "a", "aa", "aaa", "abc", "asdf", "asd", "company", "company name", "confidential", "consultant", "demo", "example",
		"freelance", "freelancer", "home", "independent", "individual", "keine", "me", "mine", "my company", "myself", "n a", "na",
		"nil", "no", "no company", "none", "not applicable", "not available", "not employed", "not provided", "not specified",
		"nothing", "null", "other", "own", "particular",
		"personal", "privat", "private", "private person", "privatperson", "qwerty", "retired", "self", "self employed",
		"selfemployed", "selbststandig", "selbstandig", "sole proprietor", "sole trader", "student", "tba", "tbd", "test",
		"test company", "testing", "undefined", "unemployed", "unknown", "university", "unspecified", "x", "xx", "xxx", "xyz", "your company":
		return true
	}
	return isForm(normal)
}

// isGeneric tells whether the label of a domain, or a word of a name, says
// nothing about which company it is: info.com and info.de are strangers.
func isGeneric(label string) bool {
	const shortest = 3 // two letters are everybody's initials
	if len(label) < shortest {
		return true
	}
	switch label {
	case "admin", "agency", "business", "cloud", "company", "consulting", "contact", "data", "digital", "email", "finance", "global",
		"group", "health", "hello", "home", "info", "mail", "marketing", "media", "news", "office", "online", "sales", "service",
		"services", "shop", "software", "solutions", "store", "support", "systems", "team", "tech", "technology", "web", "www":
		return true
	}
	return false
}

package standard

import (
	"net/url"
	"strings"

	"github.com/handoff-oss/handoff/shared/signal"
)

// Channels: by which way somebody came. A signal that does not say is of none.
const (
	PaidSearch    = "paid_search"
	PaidSocial    = "paid_social"
	OrganicSearch = "organic_search"
	OrganicSocial = "organic_social"
	ByEmail       = "email"
	Referral      = "referral"
	Direct        = "direct"
	Display       = "display"
	Affiliate     = "affiliate"
)

// Channels lists all channels.
func Channels() []string {
	return []string{PaidSearch, PaidSocial, OrganicSearch, OrganicSocial, ByEmail, Referral, Direct, Display, Affiliate}
}

// Channel says by which way the person of a signal came, and why: by what the
// marketer wrote into utm_medium, else by the click id that a network added,
// else by utm_source, else by the page that led here. The value is "" when the
// signal says nothing of that, and so is How.
func Channel(s signal.Signal) Field {
	t := touchOf(s)
	medium, source := strings.ToLower(t.medium), strings.ToLower(t.source)
	if channel := ofMedium(medium, source); channel != "" {
		return Field{Value: channel, From: t.medium, How: "By utm_medium" + with(", with the source ", t.source) + "."}
	}
	if name, channel := ofClick(t); channel != "" {
		return Field{Value: channel, From: name, How: "By the click id " + name + " in the address."}
	}
	if channel := ofSource(source); channel != "" {
		return Field{Value: channel, From: t.source, How: "By utm_source."}
	}
	if s.Type == signal.EmailClicked {
		return Field{Value: ByEmail, From: string(s.Type), How: "A click in an e-mail."}
	}
	return ofReferrer(t)
}

func with(words, value string) string {
	if value == "" {
		return ""
	}
	return words + value
}

// touch is what a signal says about how the person came.
type touch struct {
	medium, source, referrer string
	asked                    bool // a referrer was asked for, and there was none
	own                      string
	click                    func(name string) bool
}

func touchOf(s signal.Signal) touch {
	address := s.Attributes[signal.AttrURL]
	query := url.Values{}
	if strings.ContainsRune(address, '?') {
		if u, err := url.Parse(address); err == nil {
			query = u.Query()
		}
	}
	pick := func(names ...string) string {
		for _, name := range names {
			if v := strings.TrimSpace(s.Attributes[name]); v != "" {
				return clip(v)
			}
		}
		return clip(strings.TrimSpace(query.Get(names[0])))
	}
	t := touch{
		medium:   pick("utm_medium", "utm.medium", "context.campaign.medium", "campaign.medium"),
		source:   pick("utm_source", "utm.source", "context.campaign.source", "campaign.source"),
		referrer: pick("referrer", "$referrer", "context.page.referrer", "page_referrer", "referer", "http_referer"),
		own:      Registrable(Host(address)),
	}
	t.asked = t.referrer == "$direct" || t.referrer == "(direct)"
	t.click = func(name string) bool { return s.Attributes[name] != "" || query.Get(name) != "" }
	return t
}

// ofMedium reads utm_medium as Google Analytics groups it, and as people
// write it besides.
func ofMedium(medium, source string) string {
	social := isSocial(source)
	switch strings.NewReplacer("-", "_", " ", "_").Replace(medium) {
	case "cpc", "ppc", "paid", "retargeting", "paid_search", "paidsearch", "sem", "search_ads", "google_ads", "adwords":
		switch {
		case social:
			return PaidSocial
		case strings.Contains(medium, "search"), medium == "sem", medium == "adwords", isSearch(source), medium == "cpc", medium == "ppc":
			return PaidSearch
		}
	case "paid_social", "paidsocial", "social_paid", "social_ads", "sponsored_social":
		return PaidSocial
	case "display", "banner", "cpm", "expandable", "interstitial", "programmatic", "native", "video_ads":
		return Display
	case "email", "e_mail", "mail", "newsletter", "drip", "nurture":
		return ByEmail
	case "affiliate", "affiliates", "partner_affiliate":
		return Affiliate
	case "social", "social_network", "social_media", "sm", "organic_social", "social_organic":
		return OrganicSocial
	case "organic", "organic_search", "seo":
		if social {
			return OrganicSocial
		}
		return OrganicSearch
	case "referral", "link", "app":
		return Referral
	case "(none)", "direct":
		return Direct
	}
	return ""
}

// ofClick reads the ids that networks add to the addresses of their links.
// Facebook adds fbclid to every link, not to paid ones alone.
func ofClick(t touch) (name, channel string) {
	for _, c := range []struct{ name, channel string }{
		{"gclid", PaidSearch},
		{"gbraid", PaidSearch},
		{"wbraid", PaidSearch},
		{"msclkid", PaidSearch},
		{"dclid", Display},
		{"li_fat_id", PaidSocial},
		{"ttclid", PaidSocial},
		{"twclid", PaidSocial},
		{"rdt_cid", PaidSocial},
		{"ScCid", PaidSocial},
		{"fbclid", OrganicSocial},
		{"mc_eid", ByEmail},
		{"_hsenc", ByEmail},
		{"mkt_tok", ByEmail},
		{"irclickid", Affiliate},
	} {
		if t.click(c.name) {
			return c.name, c.channel
		}
	}
	return "", ""
}

func ofSource(source string) string {
	switch source {
	case "newsletter", "email", "e-mail", "mailchimp", "sendgrid", "customerio", "customer.io", "marketo", "hs_email", "klaviyo":
		return ByEmail
	case "adwords", "googleads", "google-ads", "google_ads", "bingads", "bing-ads":
		return PaidSearch
	case "(direct)":
		return Direct
	}
	return ""
}

// ofReferrer reads the page that led here. One of the same company says
// nothing.
func ofReferrer(t touch) Field {
	if t.asked {
		return Field{Value: Direct, From: t.referrer, How: "No page led here."}
	}
	host := Host(t.referrer)
	domain := Registrable(host)
	f := Field{From: host, How: "By the page that led here."}
	name, _, _ := strings.Cut(domain, ".")
	switch {
	case domain == "" || domain == t.own:
		return Field{}
	case strings.HasPrefix(host, "mail.") || strings.HasPrefix(host, "webmail.") || strings.HasPrefix(host, "outlook."):
		f.Value = ByEmail
	case isSearch(name) && !isBeside(name, host, domain):
		f.Value = OrganicSearch
	case isSocial(name) && len(name) > shortForm, isShortSocial(domain):
		f.Value = OrganicSocial
	default:
		f.Value = Referral
	}
	return f
}

// shortForm is how long names of networks are that others have as well: x.ai and
// ig.com are none.
const shortForm = 2

func isShortSocial(domain string) bool {
	switch domain {
	case "t.co", "lnkd.in", "youtu.be", "x.com", "fb.com", "fb.me", "vk.com":
		return true
	}
	return false
}

// isBeside tells whether a host is one of the much else that a search engine has.
func isBeside(name, host, domain string) bool {
	if host == domain || host == "www."+domain {
		return false
	}
	return name == "google" || name == "yahoo" && !strings.Contains(host, "search.")
}

func isSearch(name string) bool {
	name, _, _ = strings.Cut(strings.TrimPrefix(name, "www."), ".")
	switch name {
	case "google", "bing", "duckduckgo", "yahoo", "ecosia", "baidu", "yandex", "startpage", "qwant", "brave", "naver", "sogou", "seznam", "ask":
		return true
	}
	return false
}

func isSocial(name string) bool {
	name, _, _ = strings.Cut(strings.TrimPrefix(name, "www."), ".")
	switch name {
	case "facebook", "fb", "instagram", "ig", "meta", "linkedin", "twitter", "tiktok", "reddit", "pinterest", "youtube", "xing", "snapchat",
		"threads", "mastodon", "quora", "vk", "whatsapp", "telegram", "bsky", "bluesky", "medium", "x":
		return true
	}
	return false
}

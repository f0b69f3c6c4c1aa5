package welcome

import "net/url"

// source is one way in, as the card "Connect a real source" explains it.
type source struct {
	Name, Title, URL string
	Proof            string // how the sender proves that it is the sender
	Where            string // where the secret and the address go in the sender's settings
}

func (s *site) sources() []source {
	at := func(path string) string { return s.cfg.PublicURL + path }
	return []source{
		{
			"typeform", "Typeform", at("/webhooks/forms/typeform"),
			"Signs each delivery with a secret that you choose.",
			"Connect → Webhooks → Add a webhook; then Edit → Secret.",
		},
		{
			"hubspot", "HubSpot", at("/webhooks/forms/hubspot"),
			"Signs with the client secret of your app (v1, v2 and v3).",
			"Your app → Webhooks → Target URL; or the workflow action Send a webhook, with a request signature.",
		},
		{
			"segment", "Segment", at("/webhooks/engagement/segment"),
			"Signs each event with a shared secret.",
			"Destinations → Webhooks (Actions) → Settings → Shared secret.",
		},
		{
			"sendgrid", "SendGrid", at("/webhooks/engagement/sendgrid"),
			"Signs with its own key; you keep the public half.",
			"Settings → Mail settings → Event webhooks → Signature verification.",
		},
		{
			"standard", "Your own code", at("/webhooks/forms/standard"),
			"Signs by Standard Webhooks with a whsec_ secret.",
			"Any Standard Webhooks library; the webhook-id is the event's id.",
		},
		{
			"html", "A plain HTML form", at("/webhooks/forms/html?token=" + url.QueryEscape(s.cfg.HTMLToken)),
			"Carries a token in its address; a hidden field catches robots.",
			`<form method="post" action="…"> with the fields email, first_name, last_name, company, title, phone, form, message.`,
		},
	}
}

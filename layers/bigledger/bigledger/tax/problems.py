"""What the tax rules refuse, and what to do about it."""

from bigledger.kernel import Problem


class TaxUndetermined(Problem):
    """No tax rule covers the supply and the company's policy refuses to guess."""

    title = "No tax rule covers this sale"


class TaxRateMissing(Problem):
    """A rule asks for a tax that has no rate on the tax date and the company's policy refuses to leave it out."""

    title = "A tax has no rate on this date"


class TaxCurrencyDiffers(Problem):
    """A tax that is a fixed amount per unit is stated in another currency than the document."""

    title = "A fixed tax is stated in another currency"


class InvalidDiscount(Problem):
    """A discount is negative, above the line's amount, or given both as a rate and as an amount."""

    title = "A discount cannot be applied"


class PriceMissing(Problem):
    """A line has no price: it gives none, and neither the customer's price list nor the product has one."""

    title = "A price is missing"

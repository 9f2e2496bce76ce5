//! What the shop sells: the rows that fill the services' databases.
//!
//! **Invariant:** data only.

/// One article.
pub struct Product {
    pub sku: &'static str,
    pub name: &'static str,
    pub about: &'static str,
    pub price_cents: i64,
    /// The name of a drawing in the page's sprite.
    pub icon: &'static str,
}

/// All articles; a new visitor's cart holds one of each.
pub const PRODUCTS: [Product; 12] = [
    product(
        "MUG-01",
        "Stoneware mug",
        "Holds 35 cl, keeps its calm",
        18_00,
        "mug",
    ),
    product("LMP-02", "Desk lamp", "Warm light, long arm", 64_00, "lamp"),
    product(
        "NBK-03",
        "Dotted notebook",
        "160 pages, lies flat",
        14_50,
        "notebook",
    ),
    product(
        "PEN-04",
        "Fountain pen",
        "Fine nib, refillable",
        32_00,
        "pen",
    ),
    product("CLK-05", "Wall clock", "Silent, sweeps", 41_00, "clock"),
    product("PLT-06", "Fern in a pot", "Asks for little", 22_00, "plant"),
    product("BAG-07", "Canvas bag", "Carries a day", 38_00, "bag"),
    product("KEY-08", "Brass key ring", "Ages well", 9_50, "key"),
    product("TEA-09", "Tea tin", "Smoky, 100 g", 12_80, "tin"),
    product("BLK-10", "Wool blanket", "From one flock", 89_00, "blanket"),
    product("BWL-11", "Fruit bowl", "Turned ash", 47_00, "bowl"),
    product(
        "CND-12",
        "Beeswax candle",
        "Burns nine hours",
        11_20,
        "candle",
    ),
];

/// The article with this number.
pub fn find(sku: &str) -> Option<&'static Product> {
    PRODUCTS.iter().find(|product| product.sku == sku)
}

const fn product(
    sku: &'static str,
    name: &'static str,
    about: &'static str,
    price_cents: i64,
    icon: &'static str,
) -> Product {
    Product {
        sku,
        name,
        about,
        price_cents,
        icon,
    }
}

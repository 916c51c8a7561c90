/**
 * The helpdesk's fields of companies (CustomerCompany) and users (CustomerUser), by the names of its Perl API, with the
 * longest value in characters. Measured on Znuny 6.5; docs/addon-protocol.md has the same.
 */
export const fieldLengths = {
  company: {
    CustomerID: 150,
    CustomerCompanyName: 191,
    CustomerCompanyStreet: 200,
    CustomerCompanyZIP: 200,
    CustomerCompanyCity: 200,
    CustomerCompanyCountry: 200,
    CustomerCompanyURL: 200,
    CustomerCompanyComment: 250,
  },
  user: {
    UserLogin: 191,
    UserCustomerID: 150,
    UserTitle: 50,
    UserFirstname: 100,
    UserLastname: 100,
    UserEmail: 150,
    UserPhone: 150,
    UserFax: 150,
    UserMobile: 150,
    UserStreet: 150,
    UserZip: 200,
    UserCity: 200,
    UserCountry: 200,
    UserComment: 250,
  },
} as const satisfies Readonly<Record<"company" | "user", Readonly<Record<string, number>>>>;

/** The fields that the bridge fills from fixed columns and whose ownership can be chosen, with what holds unless told. */
export const defaultOwnership = {
  company: {
    CustomerCompanyName: "owned",
    CustomerCompanyStreet: "owned",
    CustomerCompanyZIP: "owned",
    CustomerCompanyCity: "owned",
    CustomerCompanyCountry: "owned",
    CustomerCompanyURL: "fill-if-empty",
  },
  user: {
    UserTitle: "fill-if-empty",
    UserFirstname: "owned",
    UserLastname: "owned",
    UserEmail: "owned",
    UserPhone: "fill-if-empty",
    UserMobile: "fill-if-empty",
  },
} as const satisfies Readonly<Record<"company" | "user", Readonly<Record<string, "owned" | "fill-if-empty">>>>;

/** Rows of kivitendo as an export reads them. */
import type { CompanyDifference, ContactDifference, Link } from "../../src/customer-sync/ports.ts";
import { CompanyKey, ContactId, CustomerId, CustomerNumber, type UserLogin } from "../../src/model/index.ts";

/** A customer with brands taken off, so that samples read easily. */
export type Company = CompanyDifference;
export type Contact = ContactDifference;

/** A confirmed link but for its key. */
export const linked = {
  status: "linked",
  confirmed: true,
  valid: true,
  attempts: 0,
  adopted: false,
  sourceKey: null,
  customerId: null,
  decision: null,
} as const satisfies Omit<Link<string>, "key">;

type CompanyChanges = Partial<Omit<CompanyDifference, "customerNumber" | "link" | "customerId">> & {
  readonly customerNumber?: string | null;
  readonly link?: Link<string>;
};

export function company(id: number, { customerNumber = `K${id}`, link, ...changes }: CompanyChanges = {}): Company {
  return {
    // Row id 0 stands for "older than all others", which a parser of ids would refuse.
    customerId: id as CustomerId,
    customerNumber: customerNumber === null ? null : CustomerNumber.parse(customerNumber),
    name: `Firma ${id} GmbH`,
    street: "Ring 1",
    zipCode: "20095",
    city: "Hamburg",
    country: "Germany",
    countryCode: "DE",
    homepage: "",
    obsolete: false,
    inScope: true,
    nameShared: false,
    keyRival: null,
    extra: {},
    sourceHash: "hash",
    link: link === undefined ? null : { ...link, key: CompanyKey.parse(link.key) },
    former: null,
    ...changes,
  };
}

type ContactChanges = Partial<Omit<ContactDifference, "link" | "contactId" | "customerId">>;

export function contact(id: number, customerId: number, changes: ContactChanges = {}): Contact {
  const link: Link<UserLogin> | null = null;
  return {
    contactId: ContactId.parse(id),
    customerId: CustomerId.parse(customerId),
    customerNumber: CustomerNumber.parse(`K${customerId}`),
    companyKey: null,
    title: "",
    givenName: "Eva",
    name: `Kunde ${id}`,
    email: `eva${id}@firma-test.de`,
    phone: "",
    mobile: "",
    active: true,
    follows: false,
    otherCustomers: [],
    extra: {},
    sourceHash: "hash",
    link,
    former: null,
    ...changes,
  };
}
